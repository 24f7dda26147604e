import { create } from "zustand";
import { persist } from "zustand/middleware";

/** What somebody asks for again and again, kept in this browser under who they are. */

export interface Template {
  name: string;
  kind: string;
  value: Readonly<Record<string, unknown>>;
}

interface Templates {
  of: Readonly<Record<string, readonly Template[]>>;
}

const MOST = 30;

export const useTemplates = create<Templates>()(persist(() => ({ of: {} }), { name: "ytempire-templates" }));

/** Keep a template; one of the same name and kind is replaced. */
export function keepTemplate(user: string, template: Template): void {
  const others = templatesOf(useTemplates.getState(), user).filter((one) => one.name !== template.name || one.kind !== template.kind);
  useTemplates.setState(({ of }) => ({ of: { ...of, [user]: [template, ...others].slice(0, MOST) } }));
}

export function dropTemplate(user: string, template: Template): void {
  useTemplates.setState(({ of }) => ({ of: { ...of, [user]: templatesOf({ of }, user).filter((one) => one !== template) } }));
}

const NONE: readonly Template[] = [];

export function templatesOf({ of }: Templates, user: string): readonly Template[] {
  return of[user] ?? NONE;
}
