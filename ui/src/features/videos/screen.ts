import type { Screen } from "@/parts/screen";

export const screen: Screen = {
  path: "videos",
  label: "Videos",
  icon: "film",
  order: 30,
  key: "v",
  permission: "videos:read",
  routes: [
    { path: "videos", load: () => import("./videos-page") },
    { path: "videos/:id", load: () => import("./video-page") },
  ],
};
