import type { Screen } from "@/parts/screen";

export const screen: Screen = {
  path: "account",
  label: "Your account",
  icon: "user",
  order: 130,
  key: "u",
  permission: "me:read",
  aside: true,
  routes: [{ path: "account", load: () => import("./account-page") }],
};
