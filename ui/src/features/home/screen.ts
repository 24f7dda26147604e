import type { Screen } from "@/parts/screen";

export const screen: Screen = {
  path: "",
  label: "Home",
  icon: "home",
  order: 10,
  key: "h",
  permission: "videos:read",
  routes: [
    { path: "", load: () => import("./home-page") },
    { path: "first-run", load: () => import("./first-run-page") },
  ],
};
