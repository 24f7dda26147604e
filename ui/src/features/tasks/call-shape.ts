/** What of a JSON schema somebody who fills it in by hand needs. */

export interface Schema {
  properties?: Readonly<Record<string, { type?: string; default?: unknown; description?: string }>>;
  required?: readonly string[];
}

export interface Player {
  name: string;
  takes: Schema;
}

const EMPTY: Record<string, unknown> = { string: "", integer: 0, number: 0, boolean: false, array: [], object: {} };

/** A text to begin from: each field that is needed, empty. */
export function beginningOf(takes: Schema | undefined): string {
  const needed = (takes?.required ?? []).map((name) => [name, EMPTY[takes?.properties?.[name]?.type ?? "object"] ?? {}] as const);
  return JSON.stringify(Object.fromEntries(needed), null, 2);
}

/** Which fields it takes; those that are needed first, with an asterisk. */
export function fieldsOf({ properties = {}, required = [] }: Schema): string {
  const others = Object.keys(properties).filter((name) => !required.includes(name));
  const told = [...required.map((name) => `${name}*`), ...others];
  return told.length === 0 ? "It takes nothing." : `It takes ${told.join(", ")} (* is needed).`;
}

/** The object that a text holds; null where it holds none. */
export function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
