import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answerOf, api, onceKey, type Versioned } from "@/api/client";
import type { EndpointView } from "@/api/schema";
import { toast, toastProblem } from "@/parts/toasts";

/** Try an address, and pause it or let it go on. */
export function useEndpointActs({ body, etag }: Versioned<EndpointView>) {
  const queries = useQueryClient();
  const path = { endpoint_id: body.id };
  const again = () => void queries.invalidateQueries({ queryKey: ["webhooks"] });
  const ping = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/webhook-endpoints/{endpoint_id}/ping", { params: { path, header: { "idempotency-key": onceKey() } } })),
    onSuccess: () => { toast("success", "An event that means nothing is on its way; what comes of it is below."); },
    onError: (error) => { toastProblem(error); },
    onSettled: again,
  });
  const pause = useMutation({
    mutationFn: () => answerOf(api.PATCH("/v1/webhook-endpoints/{endpoint_id}", { params: { path, header: { "if-match": etag } }, body: { paused: !body.paused } })),
    onSuccess: (one) => { toast("success", one.paused ? "It is paused: events from now on are not kept for it." : "It is told of events again."); },
    onError: (error) => { toastProblem(error); },
    onSettled: again,
  });
  return { ping, pause };
}
