import { QueryClient, QueryObserver } from "@tanstack/react-query";

import { watchDue } from "./due";

beforeEach(() => { vi.useFakeTimers({ now: Date.parse("2026-11-29T08:00:00Z") }); });
afterEach(() => { vi.useRealTimers(); });

test("a video that waits for its time is read again when it comes, whoever reads it, and once more a minute later", async () => {
  const queries = new QueryClient();
  const end = watchDue(queries);
  const asked: string[] = [];
  const read = vi.fn(() => {
    asked.push(new Date().toISOString().slice(11, 19));
    return { items: [{ status: "scheduled", publish_at: "2026-11-29T08:10:00Z" }, { status: "published", publish_at: "2026-11-29T08:05:00Z" }] };
  });
  const stop = new QueryObserver(queries, { queryKey: ["videos", "scheduled", null], queryFn: read, staleTime: Infinity }).subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(660_000);
  expect(asked).toEqual(["08:00:00", "08:10:01"]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(3);
  end();
  stop();
});
