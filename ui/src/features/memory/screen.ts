import type { Screen } from "@/parts/screen";

export const screen: Screen = {
  path: "memory",
  label: "Memory",
  icon: "memory",
  order: 110,
  key: "e",
  permission: "memory:read",
  routes: [{ path: "memory", load: () => import("./memory-page") }],
};
