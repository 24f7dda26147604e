import type { Screen } from "@/parts/screen";

export const screen: Screen = {
  path: "runs",
  label: "Runs",
  icon: "run",
  order: 40,
  key: "r",
  permission: "runs:read",
  routes: [
    { path: "runs", load: () => import("./runs-page") },
    { path: "runs/start", load: () => import("./start-page") },
    { path: "runs/autonomous/:id", load: () => import("./autonomous-page") },
    { path: "runs/:id", load: () => import("./run-page") },
  ],
};
