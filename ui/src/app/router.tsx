import { type ComponentType, lazy, Suspense, useState } from "react";
import { createBrowserRouter, matchPath, type RouteObject } from "react-router-dom";

import { Frame } from "./frame";
import { Guarded } from "./guarded";
import { NotThere } from "./not-there";
import { RouteProblem } from "./route-problem";
import { SCREENS } from "./screens";

type Load = () => Promise<{ default: ComponentType }>;

/** Outside the frame: what is for somebody who is not signed in yet. */
const ENTER: readonly [string, Load][] = [
  ["/sign-in", () => import("@/features/enter/sign-in-page")],
  ["/setup", () => import("@/features/enter/link-page")],
  ["/welcome", () => import("@/features/enter/link-page")],
];

const there = new Map<Load, ComponentType>();

async function fetched(load: Load): Promise<{ default: ComponentType }> {
  const found = await load();
  there.set(load, found.default);
  return found;
}

/** A page that is loaded when it is shown; where that was done ahead it is shown at once, without the moment that a fallback stays for. */
function page(load: Load): ComponentType {
  const Fetched = lazy(() => fetched(load));
  return function Shown() {
    const [Kept] = useState<ComponentType>(() => there.get(load) ?? Fetched);
    return <Kept />;
  };
}

export function routes(): RouteObject[] {
  const screens = SCREENS.flatMap((screen) =>
    screen.routes.map(({ path, load }): RouteObject => {
      const Shown = page(load);
      return { path, element: <Guarded permission={screen.permission}><Shown /></Guarded>, errorElement: <RouteProblem /> };
    }),
  );
  const enter = ENTER.map(([path, load]): RouteObject => {
    const Shown = page(load);
    return { path, element: <Suspense><Shown /></Suspense>, errorElement: <RouteProblem /> };
  });
  return [...enter, { path: "/", element: <Frame />, errorElement: <RouteProblem />, children: [...screens, { path: "*", element: <NotThere /> }] }];
}

/** What the address shows is fetched while it is found out who is there, not after that. */
function fetchAhead(pathname: string): void {
  const known = [...ENTER, ...SCREENS.flatMap((screen) => screen.routes.map(({ path, load }): [string, Load] => [`/${path}`, load]))];
  const found = known.find(([path]) => matchPath(path, pathname) !== null);
  // What went wrong with it is told where it is shown.
  if (found !== undefined) void fetched(found[1]).catch(() => undefined);
}

export function makeRouter() {
  fetchAhead(location.pathname);
  return createBrowserRouter(routes(), { future: { v7_relativeSplatPath: true } });
}
