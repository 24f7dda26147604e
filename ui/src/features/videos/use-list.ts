import { useMemo } from "react";
import { useSearchParams } from "react-router-dom";

import { COLUMNS, SORTS } from "./columns";
import { GROUPS, type Sort, type Status } from "./list-queries";

export const SHAPES = ["table", "board", "calendar"] as const;
export type Shape = (typeof SHAPES)[number];
export const STATUSES = GROUPS.flatMap((group) => group.statuses);

/** How videos are looked at, as the address says it: whoever is sent the address sees the same. */
export function useList() {
  const [asked, setAsked] = useSearchParams();
  const hide = asked.get("without") ?? "";
  const hidden = useMemo(() => new Set(hide.split(",").filter((id) => id !== "title" && COLUMNS.some((one) => one.id === id))), [hide]);
  /** Change parts of it; an empty one is left out. */
  const change = (parts: Record<string, string>) => {
    setAsked(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(parts)) {
          if (value === "") next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  };
  const sort: Sort = SORTS.find((one) => one === asked.get("sort")) ?? "newest";
  const status: Status | null = STATUSES.find((one) => one === asked.get("status")) ?? null;
  const shape: Shape = SHAPES.find((one) => one === asked.get("shape")) ?? "table";
  return { shape, sort, status, search: (asked.get("search") ?? "").slice(0, 100), hidden, query: lasting(asked), change, show: (query: string) => { setAsked(query); } };
}

/** What a view is kept by: the day of a calendar is none of it. */
function lasting(asked: URLSearchParams): string {
  const kept = new URLSearchParams(asked);
  kept.delete("day");
  return kept.toString();
}
