import type { VideoRow } from "@/api/schema";

import { laned, type Placed, placedByDay } from "./placed";
import { addDays, addMonths, localFrom, localOf, momentOf, mondayOf, moved, typedOf } from "./zoned";

const BERLIN = "Europe/Berlin";

test("moments and clocks of a zone lead to each other, also on days with an hour less or more", () => {
  for (const [day, minutes, utc] of [
    ["2031-05-06", 14 * 60, "2031-05-06T12:00:00Z"],
    ["2031-03-30", 60, "2031-03-30T00:00:00Z"],
    ["2031-03-30", 180, "2031-03-30T01:00:00Z"],
    ["2031-10-26", 60, "2031-10-25T23:00:00Z"],
    ["2031-10-26", 180, "2031-10-26T02:00:00Z"],
  ] as const) {
    expect(momentOf({ day, minutes }, BERLIN)).toBe(Date.parse(utc));
    expect(localOf(Date.parse(utc), BERLIN)).toEqual({ day, minutes });
  }
  // Half past two comes twice, and in spring never.
  expect(momentOf({ day: "2031-10-26", minutes: 150 }, BERLIN)).toBe(Date.parse("2031-10-26T00:30:00Z"));
  expect(localOf(momentOf({ day: "2031-03-30", minutes: 150 }, BERLIN), BERLIN).minutes).toBe(210);
});

test("days, weeks and months are counted by the calendar", () => {
  expect([mondayOf("2031-05-06"), mondayOf("2031-05-05"), mondayOf("2031-05-04")]).toEqual(["2031-05-05", "2031-05-05", "2031-04-28"]);
  expect([addDays("2031-12-31", 1), addMonths("2031-01-31", 1), addMonths("2031-01-15", -1)]).toEqual(["2032-01-01", "2031-02-01", "2030-12-01"]);
  expect([typedOf({ day: "2031-05-06", minutes: 545 }), localFrom("2031-05-06T09:05"), localFrom("2031-05-06")]).toEqual(["2031-05-06T09:05", { day: "2031-05-06", minutes: 545 }, null]);
  expect(moved({ day: "2031-05-06", minutes: 0 }, 0, -15)).toEqual({ day: "2031-05-05", minutes: 1425 });
});

const video = (id: string, at: string) => ({ id, published_at: null, publish_at: at }) as VideoRow;

test("what is held stands where it was moved to, and what would cover each other stands side by side", () => {
  const items = [video("a", "2031-05-06T08:00:00Z"), video("b", "2031-05-06T08:30:00Z"), video("c", "2031-05-06T12:00:00Z")];
  const days = placedByDay(items, new Map([["c", { video: items[2] ?? video("c", ""), to: Date.parse("2031-05-07T09:00:00Z") }]]), "UTC");
  const ids = (day: string) => days.get(day)?.map((one) => one.video.id);
  expect([ids("2031-05-06"), ids("2031-05-07"), days.get("2031-05-07")?.[0]?.pending]).toEqual([["a", "b"], ["c"], true]);
  const day: readonly Placed[] = [480, 510, 530, 720].map((minutes) => ({ video: video(String(minutes), ""), at: 0, local: { day: "2031-05-06", minutes }, pending: false }));
  expect(laned(day, 60).map((one) => [one.lane, one.lanes])).toEqual([[0, 3], [1, 3], [2, 3], [0, 1]]);
});
