import type { Screen } from "@/parts/screen";

export const screen: Screen = {
  path: "analytics",
  label: "Analytics",
  icon: "chart",
  order: 80,
  key: "n",
  permission: "analytics:read",
  routes: [{ path: "analytics", load: () => import("./analytics-page") }],
};
