import { useQuery } from "@tanstack/react-query";

import { waitingQuery } from "@/api/queries";
import type { Screen } from "@/parts/screen";

function useUnresolved(): number | undefined {
  return useQuery(waitingQuery).data?.incidents.unresolved;
}

export const screen: Screen = {
  path: "incidents",
  label: "Incidents",
  icon: "alarm",
  order: 100,
  key: "i",
  permission: "incidents:read",
  routes: [
    { path: "incidents", load: () => import("./incidents-page") },
    { path: "incidents/:id", load: () => import("./incident-page") },
  ],
  useBadge: useUnresolved,
};
