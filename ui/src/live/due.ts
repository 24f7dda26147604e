import type { QueryClient } from "@tanstack/react-query";

/** At its time, and once more when a list that the service keeps for a minute is surely read anew. */
const AGAIN_MS = [1_000, 62_000] as const;
const LONGEST_MS = 86_400_000;

interface Read {
  status?: unknown;
  publish_at?: unknown;
  items?: unknown;
  pages?: unknown;
}

/**
 * Has videos read again when the time comes that one of them is shown: time alone changes what it is then, and no event tells of it.
 *
 * Returns what ends it.
 */
export function watchDue(queries: QueryClient): () => void {
  const timers = new Map<number, ReturnType<typeof setTimeout>[]>();
  const expect = (at: number) => {
    const left = at - Date.now();
    if (timers.has(at) || left < 0 || left > LONGEST_MS) return;
    timers.set(at, AGAIN_MS.map((more) => setTimeout(() => { void queries.invalidateQueries({ queryKey: ["videos"] }); }, left + more)));
  };
  const look = (data: unknown) => { for (const at of timesIn(data)) expect(at); };
  const cache = queries.getQueryCache();
  for (const query of cache.findAll({ queryKey: ["videos"] })) look(query.state.data);
  const stop = cache.subscribe(({ type, query }) => {
    if (type === "updated" && String((query.queryKey as readonly unknown[])[0]) === "videos") look(query.state.data);
  });
  return () => {
    stop();
    for (const timer of [...timers.values()].flat()) clearTimeout(timer);
  };
}

/** When what waits for its time is shown, of whatever a query of videos holds: one, a page of them, or pages. */
function timesIn(data: unknown): number[] {
  if (typeof data !== "object" || data === null) return [];
  const { status, publish_at: at, items, pages } = data as Read;
  const inside = [pages, items].flatMap((list) => (Array.isArray(list) ? list.flatMap(timesIn) : []));
  return status === "scheduled" && typeof at === "string" ? [...inside, Date.parse(at)] : inside;
}
