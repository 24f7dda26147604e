import { useMemo } from "react";
import { useSearchParams } from "react-router-dom";

import { addDays, addMonths, momentOf, mondayOf, monthName, shortDay } from "./zoned";

const DAY = /^\d{4}-\d\d-\d\d$/;
const SPANS = ["month", "week"] as const;
const DAYS = { month: 42, week: 7 } as const;

function isDay(text: string | null): text is string {
  return text !== null && DAY.test(text) && !Number.isNaN(Date.parse(text));
}

/** Which days are looked at, as the address says it: the week of a day, or six weeks around its month. */
export function useSpan(today: string, zone: string) {
  const [asked, setAsked] = useSearchParams();
  const given = asked.get("day");
  const day = isDay(given) ? given : today;
  const span = SPANS.find((one) => one === asked.get("span")) ?? "month";
  const first = mondayOf(span === "week" ? day : `${day.slice(0, 7)}-01`);
  const days = useMemo(() => Array.from({ length: DAYS[span] }, (_, at) => addDays(first, at)), [span, first]);
  const show = (parts: Record<string, string>) => {
    setAsked(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(parts)) next.set(name, value);
        return next;
      },
      { replace: true },
    );
  };
  return {
    span, days, show, month: day.slice(0, 7),
    title: span === "week" ? `${shortDay(first)} to ${shortDay(addDays(first, 6))}` : monthName(day),
    from: new Date(momentOf({ day: first, minutes: 0 }, zone)).toISOString(),
    to: new Date(momentOf({ day: addDays(first, DAYS[span]), minutes: 0 }, zone)).toISOString(),
    turn: (by: number) => { show({ day: span === "week" ? addDays(day, 7 * by) : addMonths(day, by) }); },
  };
}
