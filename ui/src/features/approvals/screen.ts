import { useQuery } from "@tanstack/react-query";

import { waitingQuery } from "@/api/queries";
import { usePoll } from "@/live/live-store";
import type { Screen } from "@/parts/screen";

const POLL_MS = 60_000;

function useWaiting(): number | undefined {
  return useQuery({ ...waitingQuery, refetchInterval: usePoll(POLL_MS) }).data?.approvals.waiting;
}

export const screen: Screen = {
  path: "approvals",
  label: "Approvals",
  icon: "inbox",
  order: 20,
  key: "a",
  permission: "approvals:read",
  routes: [
    { path: "approvals", load: () => import("./approvals-page") },
    { path: "approvals/:id", load: () => import("./approvals-page") },
  ],
  useBadge: useWaiting,
};
