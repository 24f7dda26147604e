import { absolute, count, duration, money, plain, relative } from "./words";

test("durations are told in two units at most", () => {
  expect([0, 48, 134, 3_600, 11_100, 187_200].map(duration)).toEqual(["0 s", "48 s", "2 min 14 s", "1 h", "3 h 5 min", "2 d 4 h"]);
});

test("money is told to the cent, and a fraction of one is not nothing", () => {
  expect([0, 0.001, 0.305, 1234.5].map(money)).toEqual(["$0.00", "< $0.01", "$0.31", "$1,234.50"]);
});

test("times are told from now, and exactly with their zone", () => {
  const now = Date.parse("2026-11-29T10:00:00Z");
  expect([now - 3_000, now - 720_000, now + 10_800_000].map((at) => relative(at, now))).toEqual(["just now", "12 min ago", "in 3 h"]);
  expect(absolute("2026-11-29T10:00:00Z")).toContain(Intl.DateTimeFormat().resolvedOptions().timeZone);
});

test("states and counts read as words", () => {
  expect([plain("waiting_for_script"), count(1, "video"), count(1200, "video")]).toEqual(["waiting for script", "1 video", "1,200 videos"]);
});
