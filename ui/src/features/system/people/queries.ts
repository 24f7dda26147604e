import { infiniteQueryOptions } from "@tanstack/react-query";

import { answerOf, api, versionedOf } from "@/api/client";
import { Problem } from "@/api/problem";
import type { UserChange, UserView } from "@/api/schema";

const PAGE = 100;
const CHANGED = 412;

/** Whom a new link is for. */
export interface LinkTold {
  email: string;
  secret: string;
}

export const peopleQuery = infiniteQueryOptions({
  queryKey: ["users"],
  queryFn: ({ pageParam, signal }) => answerOf(api.GET("/v1/users", { params: { query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next,
});

/** How a person is called on the page. */
export function called(one: UserView): string {
  return one.name || one.email;
}

/** Change a person who is still as the page shows them; throws a Problem when somebody changed them meanwhile. */
export async function changePerson(seen: UserView, change: UserChange): Promise<UserView> {
  const path = { user_id: seen.id };
  const { body, etag } = await versionedOf(api.GET("/v1/users/{user_id}", { params: { path } }));
  if (body.role !== seen.role || body.disabled !== seen.disabled) {
    const detail = `Somebody changed ${called(seen)} meanwhile. You see it as it is now; do it again if you still want to.`;
    throw new Problem(CHANGED, { code: "stale", detail }, detail);
  }
  return answerOf(api.PATCH("/v1/users/{user_id}", { params: { path, header: { "if-match": etag } }, body: change }));
}
