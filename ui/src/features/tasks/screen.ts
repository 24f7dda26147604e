import type { Screen } from "@/parts/screen";

export const screen: Screen = {
  path: "tasks",
  label: "Tasks",
  icon: "task",
  order: 70,
  key: "t",
  permission: "tasks:read",
  routes: [
    { path: "tasks", load: () => import("./tasks-page") },
    { path: "tasks/:id", load: () => import("./task-page") },
  ],
};
