import type { ComponentType } from "react";

import type { IconName } from "./icon";

/** One place of the console. Each feature folder has a `screen.ts` that exports `screen`; the router and the rail find it by itself. */
export interface Screen {
  /** The first part of its address, and of its routes. */
  path: string;
  label: string;
  icon: IconName;
  /** Where it stands in the rail. */
  order: number;
  /** The key after `g` that goes there. */
  key: string;
  /** Without it the rail does not show it, and its page says who can. */
  permission: string;
  routes: readonly ScreenRoute[];
  /** Left out of the rail: the account's menu leads there. */
  aside?: true;
  /** What it is divided into; each has an address, and the palette goes there. */
  tabs?: readonly ScreenTab[];
  /** A number beside its name in the rail: a hook, so that it reads what it needs. */
  useBadge?: () => number | undefined;
}

export interface ScreenTab {
  to: string;
  label: string;
  /** Without it the tab is not offered. */
  permission: string;
}

export interface ScreenRoute {
  /** Relative to the root, such as `videos/:id`. */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
}
