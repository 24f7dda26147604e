import { InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";

import { Invalidation } from "./invalidation";
import type { LiveEvent } from "./messages";

/** A list of which a page of three begins behind the id that its cursor names. */
function listOf(ids: string[]) {
  const asked: (string | null)[] = [];
  const queries = new QueryClient();
  const observer = new InfiniteQueryObserver(queries, {
    queryKey: ["videos", "list"],
    queryFn: ({ pageParam }) => {
      asked.push(pageParam);
      const from = pageParam === null ? 0 : ids.indexOf(pageParam) + 1;
      const items = ids.slice(from, from + 3).map((id) => ({ id, seen: asked.length }));
      return { items, next: from + 3 < ids.length ? (items.at(-1)?.id ?? null) : null };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  const stop = observer.subscribe(() => undefined);
  const shown = () => observer.getCurrentResult().data?.pages.flatMap((page) => page.items.map((one) => one.id));
  return { ids, asked, queries, observer, stop, shown };
}

function eventOf(subject: string): LiveEvent {
  return { type: "event", id: 1, at: "2026-11-29T08:00:00Z", kind: "video.changed", subject, channel: null, run: null, alert: false, data: {} };
}

async function scrolled(ids: string[]) {
  const list = listOf(ids);
  await vi.waitFor(() => { expect(list.shown()).toHaveLength(3); });
  for (let page = 1; page < 4; page += 1) await list.observer.fetchNextPage();
  expect(list.shown()).toHaveLength(12);
  list.asked.length = 0;
  return list;
}

const TWELVE = Array.from({ length: 12 }, (_, at) => `video_${String(at)}`);

test("an event has the first page read again and the one that holds what it is about, and no other", async () => {
  const { asked, queries, stop, shown } = await scrolled([...TWELVE]);
  new Invalidation(queries).onEvent(eventOf("video_7"));
  await vi.waitFor(() => { expect(asked).toEqual([null, "video_5"]); });
  expect(shown()).toEqual(TWELVE);
  stop();
});

test("what is new comes first, and nothing is lost or told twice where it pushes others on", async () => {
  const { ids, asked, queries, stop, shown } = await scrolled([...TWELVE]);
  ids.unshift("video_new");
  new Invalidation(queries).onEvent(eventOf("video_new"));
  await vi.waitFor(() => { expect(shown()).toEqual(["video_new", ...TWELVE]); });
  expect(asked).toEqual([null, "video_1"]);
  stop();
});

test("a task is read again when its production begins or goes on", async () => {
  const queries = new QueryClient();
  queries.setQueryData(["tasks", "task_1"], {});
  new Invalidation(queries).onEvent({ ...eventOf("run_1"), kind: "run.created", run: "run_1" });
  await vi.waitFor(() => { expect(queries.getQueryState(["tasks", "task_1"])?.isInvalidated).toBe(true); });
});
