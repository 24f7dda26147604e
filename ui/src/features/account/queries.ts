import { queryOptions } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/me/sessions", { signal })),
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => answerOf(api.GET("/v1/me/tokens", { signal })),
});
