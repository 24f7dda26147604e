/** Numbers, money and times in words that a person reads at a glance. */

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ABSOLUTE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const SHORT = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const STEPS: readonly [number, string][] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
];

/** Dollars to the cent; what is smaller but not nothing says so. */
export function money(usd: number): string {
  if (usd > 0 && usd < 0.005) return "< $0.01";
  return new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }).format(usd);
}

/** Seconds as `48 s`, `2 min 14 s`, `3 h 5 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const at = STEPS.findIndex(([size]) => whole >= size);
  const step = STEPS[at];
  if (step === undefined) return `${String(whole)} s`;
  const [size, unit] = step;
  const [next, small] = STEPS[at + 1] ?? [1, "s"];
  const rest = Math.floor((whole % size) / next);
  return `${String(Math.floor(whole / size))} ${unit}${rest > 0 ? ` ${String(rest)} ${small}` : ""}`;
}

/** How long ago or from now, coarse: `just now`, `12 min ago`, `in 3 h`. */
export function relative(at: string | number | Date, now: number): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 10) return "just now";
  const [step, unit] = STEPS.find(([one]) => size >= one) ?? [1, "s"];
  const told = `${String(Math.floor(size / step))} ${unit}`;
  return seconds < 0 ? `${told} ago` : `in ${told}`;
}

/** The exact time with its zone. */
export function absolute(at: string | number | Date): string {
  return `${ABSOLUTE.format(new Date(at))} (${ZONE})`;
}

export function dayAndHour(at: string | number | Date): string {
  return SHORT.format(new Date(at));
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${new Intl.NumberFormat("en-US").format(number)} ${number === 1 ? one : many}`;
}

/** `waiting_for_script` as `waiting for script`. */
export function plain(name: string): string {
  return name.replaceAll("_", " ");
}
