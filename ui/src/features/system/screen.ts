import type { Screen } from "@/parts/screen";

import { TABS } from "./tabs";

export const screen: Screen = {
  path: "system",
  label: "System",
  icon: "system",
  order: 120,
  key: "s",
  permission: "metrics:read",
  tabs: TABS.slice(1),
  routes: [
    { path: "system", load: () => import("./health-page") },
    { path: "system/settings", load: () => import("./settings-page") },
    { path: "system/people", load: () => import("./people/people-page") },
    { path: "system/webhooks", load: () => import("./webhooks/webhooks-page") },
    { path: "system/billing", load: () => import("./billing/billing-page") },
    { path: "system/audit", load: () => import("./audit-page") },
  ],
};
