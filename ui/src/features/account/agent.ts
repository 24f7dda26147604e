/** What a browser or program calls itself, in two words. */

const BROWSERS = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]] as const;
const SYSTEMS = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS X", "macOS"], ["Linux", "Linux"]] as const;
const LONGEST = 40;

function named(agent: string, names: readonly (readonly [string, string])[]): string | undefined {
  return names.find(([mark]) => agent.includes(mark))?.[1];
}

/** `Chrome on Linux`; what is no browser that is known goes by its own name. */
export function agentOf(agent: string): string {
  const browser = named(agent, BROWSERS);
  if (browser === undefined) return agent.slice(0, LONGEST) || "Something that gave no name";
  const system = named(agent, SYSTEMS);
  return system === undefined ? browser : `${browser} on ${system}`;
}
