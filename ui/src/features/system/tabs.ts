import type { ScreenTab } from "@/parts/screen";

/** One screen, divided: how the studio fares, what it is set to, who did what, who is let in, who is told, and what it may. */
export const TABS = [
  { to: "/system", label: "Health", permission: "metrics:read" },
  { to: "/system/settings", label: "Settings", permission: "settings:read" },
  { to: "/system/people", label: "People", permission: "users:read" },
  { to: "/system/webhooks", label: "Webhooks", permission: "webhooks:read" },
  { to: "/system/billing", label: "Billing", permission: "payments:read" },
  { to: "/system/audit", label: "Audit", permission: "audit:read" },
] as const satisfies readonly ScreenTab[];
