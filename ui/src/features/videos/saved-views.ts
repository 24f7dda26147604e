import { create } from "zustand";
import { persist } from "zustand/middleware";

/** A way to look at videos under a name: `query` is what stands in the address then. */
export interface SavedView {
  name: string;
  query: string;
}

interface Kept {
  of: Readonly<Record<string, readonly SavedView[]>>;
}

const NONE: readonly SavedView[] = [];

/** Kept in this browser, apart for everybody who signs in here. */
const useKept = create<Kept>()(persist((): Kept => ({ of: {} }), { name: "ytempire-video-views" }));

export function useSavedViews(user: string): readonly SavedView[] {
  return useKept((kept) => kept.of[user] ?? NONE);
}

/** Keep a view; one of the same name is replaced. */
export function saveView(user: string, view: SavedView): void {
  change(user, (views) => [...views.filter((one) => one.name !== view.name), view].sort((a, b) => a.name.localeCompare(b.name)));
}

export function forgetView(user: string, name: string): void {
  change(user, (views) => views.filter((one) => one.name !== name));
}

function change(user: string, to: (views: readonly SavedView[]) => readonly SavedView[]): void {
  useKept.setState(({ of }) => ({ of: { ...of, [user]: to(of[user] ?? NONE) } }));
}
