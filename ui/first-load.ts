import type { Plugin } from "vite";

/**
 * What the first screens load comes in three files, not in the thirty that sharing with every other screen cuts it into: on a slow line each round of requests is a
 * fifth of a second, and a browser sends six at a time. The libraries are one of them, as they change least.
 */
const EARLY = "src/early.ts";
const FIRST = ["src/main.tsx", "src/features/enter/sign-in-page.tsx", "src/features/home/home-page.tsx"];

interface Graph {
  getModuleInfo: (id: string) => { importers: readonly string[] } | null;
}

/** Whether one of these loads it before it shows anything. */
function isLoadedBy(id: string, those: readonly string[], graph: Graph, known: Map<string, boolean>): boolean {
  const before = known.get(id);
  if (before !== undefined) return before;
  known.set(id, false);
  const found = those.some((one) => id.endsWith(`/${one}`)) || (graph.getModuleInfo(id)?.importers ?? []).some((one) => isLoadedBy(one, those, graph, known));
  known.set(id, found);
  return found;
}

/** The file that a module goes to; null leaves it to the bundler. */
export function chunkNames(): (id: string, graph: Graph) => string | null {
  const byEarly = new Map<string, boolean>();
  const byFirst = new Map<string, boolean>();
  return (id, graph) => {
    if (isLoadedBy(id, [EARLY], graph, byEarly)) return "early";
    if (!isLoadedBy(id, FIRST, graph, byFirst)) return null;
    return id.includes("/node_modules/") ? "libraries" : "first";
  };
}

const LETTERS = /inter-latin-wght-normal.*\.woff2$/;

/** Has the page ask who is there before all else, and the letters loaded that its first words are written in: found by the style only once there are words, they move them. */
export function askEarly(): Plugin {
  return {
    name: "ask-early",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) => {
        const parts = Object.values(bundle ?? {});
        const chunk = parts.find((one) => one.type === "chunk" && one.isEntry && one.facadeModuleId?.endsWith(`/${EARLY}`));
        const letters = parts.find((one) => LETTERS.test(one.fileName));
        const src = bundle === undefined ? `/${EARLY}` : `/${chunk?.fileName ?? ""}`;
        return [
          { tag: "script", attrs: { type: "module", async: true, crossorigin: true, src }, injectTo: "head-prepend" },
          ...(letters === undefined ? [] : [{ tag: "link", attrs: { rel: "preload", as: "font", type: "font/woff2", crossorigin: true, fetchpriority: "low", href: `/${letters.fileName}` }, injectTo: "head" as const }]),
        ];
      },
    },
  };
}
