/** Days and hours as the clocks of a zone show them. A day is `2026-11-29`; a moment is in milliseconds. */

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;
const MINUTES_A_DAY = 1440;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  const made = formats.get(key) ?? new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
  formats.set(key, made);
  return made;
}

export interface Local {
  day: string;
  /** Since midnight by the clock. */
  minutes: number;
}

export function localOf(at: number, zone: string): Local {
  const parts = formatOf(zone, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(at);
  const of = (type: string) => parts.find((one) => one.type === type)?.value ?? "0";
  return { day: `${of("year").padStart(4, "0")}-${of("month")}-${of("day")}`, minutes: Number(of("hour")) * 60 + Number(of("minute")) };
}

/** The moment at which clocks show this; of an hour that is skipped, as much later; of one that comes twice, the first. */
export function momentOf({ day, minutes }: Local, zone: string): number {
  const wanted = Date.parse(`${day}T00:00:00Z`) + minutes * MINUTE_MS;
  const shown = (at: number) => {
    const local = localOf(at, zone);
    return Date.parse(`${local.day}T00:00:00Z`) + local.minutes * MINUTE_MS;
  };
  const offsets = [wanted - DAY_MS, wanted + DAY_MS].map((at) => shown(at) - at);
  const fitting = offsets.map((offset) => wanted - offset).filter((at) => shown(at) === wanted);
  return fitting.length > 0 ? Math.min(...fitting) : wanted - (offsets[0] ?? 0);
}

export function addDays(day: string, by: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + by * DAY_MS).toISOString().slice(0, 10);
}

export function daysBetween(first: string, second: string): number {
  return Math.round((Date.parse(`${second}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / DAY_MS);
}

/** The Monday of its week. */
export function mondayOf(day: string): string {
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

export function addMonths(day: string, by: number): string {
  const [year, month] = day.split("-").map(Number);
  return new Date(Date.UTC(year ?? 1970, (month ?? 1) - 1 + by, 1)).toISOString().slice(0, 10);
}

/** Another time of the clock, on whichever day that falls. */
export function moved(local: Local, days: number, minutes: number): Local {
  const sum = local.minutes + minutes;
  const over = Math.floor(sum / MINUTES_A_DAY);
  return { day: addDays(local.day, days + over), minutes: sum - over * MINUTES_A_DAY };
}

export function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** As a field for a day and a time holds it: `2026-11-29T14:00`. */
export function typedOf({ day, minutes }: Local): string {
  return `${day}T${clock(minutes)}`;
}

/** What such a field holds; null while it is not whole. */
export function localFrom(typed: string): Local | null {
  const [, day, hours, minutes] = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)/.exec(typed) ?? [];
  return day === undefined ? null : { day, minutes: Number(hours) * 60 + Number(minutes) };
}

// Put together here: where commas stand between these differs from one browser to the next.
const partOf = (day: string, options: Intl.DateTimeFormatOptions) => formatOf("UTC", options).format(Date.parse(day));
const numberOf = (day: string) => String(Number(day.slice(8)));
export const monthName = (day: string) => `${partOf(day, { month: "long" })} ${day.slice(0, 4)}`;
export const weekdayName = (day: string) => partOf(day, { weekday: "short" });
export const dayName = (day: string) => `${partOf(day, { weekday: "long" })} ${numberOf(day)} ${partOf(day, { month: "long" })}`;
export const shortDay = (day: string) => `${weekdayName(day)} ${numberOf(day)} ${partOf(day, { month: "short" })}`;
/** `Tue 5 May, 14:00`. */
export const told = (local: Local) => `${shortDay(local.day)}, ${clock(local.minutes)}`;
