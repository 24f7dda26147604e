import type { Problem } from "@/api/problem";
import type { Lacking as Told, NewAutonomousRun } from "@/api/schema";

import { wayOf } from "./ways";

/** What the form holds: words as they were typed, so that a half-typed number is not lost. */
export interface StartForm {
  hours: string;
  budget: string;
  /** Empty: every channel that is not paused. */
  channels: readonly string[];
  videos: string;
  seconds: string;
  /** "own": each channel's own level. */
  autonomy: NonNullable<NewAutonomousRun["autonomy"]> | "own";
  missed: NonNullable<NewAutonomousRun["missed"]>;
  privacy: NonNullable<NewAutonomousRun["privacy"]>;
  zone: string;
  reportHour: string;
}

export const EMPTY_FORM: StartForm = { hours: "72", budget: "20", channels: [], videos: "", seconds: "60", autonomy: "own", missed: "skip", privacy: "public", zone: Intl.DateTimeFormat().resolvedOptions().timeZone, reportHour: "7" };

interface Limit {
  least: number;
  most: number;
  whole?: boolean;
  empty?: boolean;
  unit: string;
}

const LIMITS: Record<"hours" | "budget" | "videos" | "seconds" | "reportHour", Limit> = {
  hours: { least: 0.1, most: 744, unit: "hours (31 days at most)" },
  budget: { least: 0, most: 1_000_000, unit: "dollars" },
  videos: { least: 1, most: 100, whole: true, empty: true, unit: "videos a channel" },
  seconds: { least: 10, most: 900, whole: true, unit: "seconds" },
  reportHour: { least: 0, most: 23, whole: true, unit: "o'clock" },
};
const SERVED: Record<string, string> = { budget: "budget_usd", reportHour: "report_hour" };

/** What is wrong with a field before anything is sent. */
export function wrongWith(form: StartForm, name: keyof typeof LIMITS): string | undefined {
  const { least, most, whole, empty, unit } = LIMITS[name];
  const typed = form[name].trim();
  if (typed === "") return empty ? undefined : `Give ${String(least)} to ${most.toLocaleString("en-US")} ${unit}`;
  const number = Number(typed);
  const good = number >= least && number <= most && (whole !== true || Number.isInteger(number));
  return good ? undefined : `Give ${whole ? "a whole number, " : ""}${String(least)} to ${most.toLocaleString("en-US")} ${unit}`;
}

export function isComplete(form: StartForm): boolean {
  return (Object.keys(LIMITS) as (keyof typeof LIMITS)[]).every((name) => wrongWith(form, name) === undefined) && form.zone.trim() !== "";
}

export function bodyOf(form: StartForm): NewAutonomousRun {
  return {
    hours: Number(form.hours), budget_usd: Number(form.budget), channels: form.channels.length === 0 ? null : [...form.channels], videos: form.videos.trim() === "" ? null : Number(form.videos), seconds: Number(form.seconds),
    autonomy: form.autonomy === "own" ? null : form.autonomy, missed: form.missed, privacy: form.privacy, zone: form.zone.trim(), report_hour: Number(form.reportHour), format: null, seed: 0,
  };
}

export type Lacking = Told;

/** Each thing that keeps the run from starting, with its fix. */
export function lackingOf(problem: Problem): readonly Lacking[] {
  const told = problem.details["problems"];
  if (!Array.isArray(told)) return problem.errors.map(({ field, message }) => ({ field: field.replace(/^body\./, ""), said: message, fix: "", code: "", channel: null }));
  return told.flatMap((one: unknown): Lacking[] => {
    if (typeof one !== "object" || one === null) return [];
    const { field, said, fix, code, channel } = one as Record<string, unknown>;
    return typeof said === "string" ? [{ field: words(field), said, fix: words(fix), code: words(code), channel: typeof channel === "string" ? channel : null }] : [];
  });
}

function words(told: unknown): string {
  return typeof told === "string" ? told : "";
}

/** What the service said of one field; where it is mended elsewhere, that stands beside the form. */
export function saidOf(lacking: readonly Lacking[], name: string): string | undefined {
  const found = lacking.find((one) => one.field === name || one.field === SERVED[name]);
  return found && [found.said, wayOf(found) === null ? found.fix : ""].filter(Boolean).join("; ");
}
