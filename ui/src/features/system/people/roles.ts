import type { UserView } from "@/api/schema";

export type Role = UserView["role"];

/** What each role is for; each may what the ones before may. */
export const ROLES: readonly (readonly [Role, string])[] = [
  ["viewer", "looks at everything and changes nothing"],
  ["operator", "runs the studio day by day and decides"],
  ["admin", "answers for it: people, money, limits, connections"],
];
