import type { Screen } from "@/parts/screen";

export const screen: Screen = {
  path: "channels",
  label: "Channels",
  icon: "channel",
  order: 60,
  key: "c",
  permission: "channels:read",
  routes: [
    { path: "channels", load: () => import("./channels-page") },
    { path: "channels/new", load: () => import("./new-channel-page") },
    { path: "channels/:id", load: () => import("./channel-page") },
  ],
};
