import type { Screen } from "@/parts/screen";

export const screen: Screen = {
  path: "costs",
  label: "Costs",
  icon: "money",
  order: 90,
  key: "m",
  permission: "costs:read",
  routes: [{ path: "costs", load: () => import("./costs-page") }],
};
