import type { Screen } from "@/parts/screen";

const FOUND = import.meta.glob<{ screen: Screen }>("../features/*/screen.ts", { eager: true });

/** Every place of the console, in the order of the rail. */
export const SCREENS: readonly Screen[] = Object.values(FOUND)
  .map((one) => one.screen)
  .sort((one, other) => one.order - other.order);
