import { create } from "zustand";

import type { ApprovalView } from "@/api/schema";

/** Which of what waits is shown, and in which order. It is kept while the page is open, so that who comes back finds it as it was. */

export type Sort = "newest" | "oldest" | "riskiest" | "due";

export interface Filters {
  gate: ApprovalView["gate"] | null;
  risk: "some" | "none" | null;
  /** Asked at least so many seconds ago. */
  olderS: number | null;
  sort: Sort;
}

export const ALL: Filters = { gate: null, risk: null, olderS: null, sort: "newest" };
export const ORDERS: readonly (readonly [Sort, string])[] = [["newest", "Newest first"], ["oldest", "Oldest first"], ["riskiest", "Riskiest first"], ["due", "Due first"]];

export const useFilters = create<Filters>()(() => ALL);

/** Whether something that waits may be hidden. */
export function narrows({ gate, risk, olderS }: Filters): boolean {
  return gate !== null || risk !== null || olderS !== null;
}

export function nextOrder(): void {
  const at = ORDERS.findIndex(([sort]) => sort === useFilters.getState().sort);
  useFilters.setState({ sort: ORDERS[(at + 1) % ORDERS.length]?.[0] ?? "newest" });
}

export function showAll(): void {
  useFilters.setState({ ...ALL, sort: useFilters.getState().sort });
}
