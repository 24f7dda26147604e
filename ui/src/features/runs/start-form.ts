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
  /** Mail addresses between commas; empty: only where the studio's own reports go. */
  reportTo: string;
}

export const EMPTY_FORM: StartForm = { hours: "72", budget: "20", channels: [], videos: "", seconds: "60", autonomy: "own", missed: "skip", privacy: "public", zone: Intl.DateTimeFormat().resolvedOptions().timeZone, reportHour: "7", reportTo: "" };

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
const SERVED: Record<string, string> = { budget: "budget_usd", reportHour: "report_hour", reportTo: "report_to" };
const MOST_ADDRESSES = 10;
const LONGEST_ADDRESS = 190;
/** What the service takes for a plain mail address. */
const MAIL = /^[A-Za-z0-9.!#$'*+_~-]{1,64}@([A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}$/;

/** What is wrong with a field before anything is sent. */
export function wrongWith(form: StartForm, name: keyof typeof LIMITS): string | undefined {
  const { least, most, whole, empty, unit } = LIMITS[name];
  const typed = form[name].trim();
  if (typed === "") return empty ? undefined : `Give ${String(least)} to ${most.toLocaleString("en-US")} ${unit}`;
  const number = Number(typed);
  const good = number >= least && number <= most && (whole !== true || Number.isInteger(number));
  return good ? undefined : `Give ${whole ? "a whole number, " : ""}${String(least)} to ${most.toLocaleString("en-US")} ${unit}`;
}

/** The addresses that were typed, each once. */
function addressesOf(form: StartForm): string[] {
  return [...new Set(form.reportTo.split(/[\s,;]+/).filter(Boolean))];
}

/** What is wrong with where reports go. An address of another kind may hold a secret, and is not repeated. */
export function wrongAddresses(form: StartForm): string | undefined {
  const given = addressesOf(form);
  if (given.length > MOST_ADDRESSES) return `Give at most ${String(MOST_ADDRESSES)} addresses, not ${String(given.length)}; a list's address reaches more people`;
  const wrong = given.find((one) => !MAIL.test(one) || one.length > LONGEST_ADDRESS);
  if (wrong === undefined) return undefined;
  if (/[:/]/.test(wrong)) return "Give plain mail addresses such as ada@example.org; those of other services hold secrets and are set on the machine, in YTEMPIRE_NOTIFY";
  return wrong.length > LONGEST_ADDRESS ? `Give addresses of at most ${String(LONGEST_ADDRESS)} characters` : `"${wrong}" is no mail address; give one such as ada@example.org`;
}

export function isComplete(form: StartForm): boolean {
  return (Object.keys(LIMITS) as (keyof typeof LIMITS)[]).every((name) => wrongWith(form, name) === undefined) && form.zone.trim() !== "" && wrongAddresses(form) === undefined;
}

export function bodyOf(form: StartForm): NewAutonomousRun {
  const addresses = addressesOf(form);
  return {
    hours: Number(form.hours), budget_usd: Number(form.budget), channels: form.channels.length === 0 ? null : [...form.channels], videos: form.videos.trim() === "" ? null : Number(form.videos), seconds: Number(form.seconds),
    autonomy: form.autonomy === "own" ? null : form.autonomy, missed: form.missed, privacy: form.privacy, zone: form.zone.trim(), report_hour: Number(form.reportHour), report_to: addresses.length === 0 ? null : addresses, format: null, seed: 0,
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
  const served = SERVED[name] ?? name;
  // Of a list the service names the entry: `report_to.1`.
  const found = lacking.find((one) => one.field === name || one.field === served || one.field.startsWith(`${served}.`));
  return found && [found.said, wayOf(found) === null ? found.fix : ""].filter(Boolean).join("; ");
}
