import type { Screen } from "@/parts/screen";

export const screen: Screen = {
  path: "system",
  label: "System",
  icon: "system",
  order: 120,
  key: "s",
  permission: "metrics:read",
  routes: [
    { path: "system", load: () => import("./health-page") },
    { path: "system/settings", load: () => import("./settings-page") },
    { path: "system/audit", load: () => import("./audit-page") },
  ],
};
