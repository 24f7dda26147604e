import type { Trace } from "@/api/schema";

type Job = Trace["jobs"][number];
type Decision = Trace["decisions"][number];

/** One agent or tool at one stage of a video, with everything that it asked for and chose. */
export interface Step {
  id: string;
  node: string;
  iteration: number;
  agent: string;
  /** The how-manieth time of this stage it is. */
  time: number;
  from: string;
  seconds: number | null;
  jobs: Job[];
  decisions: Decision[];
}

export function stepsOf(trace: Trace): Step[] {
  const groups = new Map<string, { node: string; iteration: number; jobs: Job[]; decisions: Decision[] }>();
  const group = (node: string, iteration: number) => {
    const stage = node.split(".")[0] ?? node;
    const id = `${stage} ${String(iteration)}`;
    const found = groups.get(id) ?? { node: stage, iteration, jobs: [], decisions: [] };
    groups.set(id, found);
    return found;
  };
  for (const job of trace.jobs) group(job.node, job.iteration).jobs.push(job);
  for (const decision of trace.decisions) group(decision.node, decision.iteration).decisions.push(decision);
  const times = new Map<string, number>();
  return [...groups.entries()]
    .map(([id, one]) => ({ id, ...one, agent: one.decisions[0]?.agent ?? one.jobs[0]?.agent ?? "", from: first(one.jobs, one.decisions), seconds: lasted(one.jobs) }))
    .sort((one, other) => one.from.localeCompare(other.from))
    .map((one) => {
      const time = (times.get(one.node) ?? 0) + 1;
      times.set(one.node, time);
      return { ...one, time };
    });
}

function first(jobs: readonly Job[], decisions: readonly Decision[]): string {
  return [...jobs, ...decisions].map((one) => one.created_at).sort()[0] ?? "";
}

function lasted(jobs: readonly Job[]): number | null {
  if (jobs.length === 0 || jobs.some((one) => one.finished_at === null)) return null;
  const ends = jobs.map((one) => new Date(one.finished_at ?? one.created_at).getTime());
  return (Math.max(...ends) - Math.min(...jobs.map((one) => new Date(one.created_at).getTime()))) / 1000;
}
