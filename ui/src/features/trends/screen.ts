import type { Screen } from "@/parts/screen";

export const screen: Screen = {
  path: "trends",
  label: "Trends",
  icon: "trend",
  order: 50,
  key: "d",
  permission: "trends:read",
  routes: [
    { path: "trends", load: () => import("./trends-page") },
    { path: "trends/:id", load: () => import("./trends-page") },
  ],
};
