import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answerOf, api, onceKey } from "@/api/client";
import { toast, toastProblem } from "@/parts/toasts";

/** What a person does about an incident. */
export type Step = "acknowledge" | "resolve" | "reverse" | "carry-out";

interface Asked {
  step: Step;
  /** The incident, or the action of one. */
  id: string;
  note: string;
}

const SAID: Record<Step, string> = {
  acknowledge: "It is yours now.",
  resolve: "It is resolved.",
  reverse: "What was done is taken back.",
  "carry-out": "It is being done.",
};

function send({ step, id, note }: Asked): Promise<unknown> {
  const header = { "idempotency-key": onceKey() };
  const body = { note };
  if (step === "acknowledge") return answerOf(api.POST("/v1/incidents/{incident_id}/acknowledge", { params: { path: { incident_id: id }, header }, body }));
  if (step === "resolve") return answerOf(api.POST("/v1/incidents/{incident_id}/resolve", { params: { path: { incident_id: id }, header }, body }));
  if (step === "reverse") return answerOf(api.POST("/v1/incident-actions/{action_id}/reverse", { params: { path: { action_id: id }, header } }));
  return answerOf(api.POST("/v1/incident-actions/{action_id}/carry-out", { params: { path: { action_id: id }, header } }));
}

export function useHandling() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: (_, { step }) => {
      toast("success", SAID[step]);
      void queries.invalidateQueries({ queryKey: ["incidents"] });
      void queries.invalidateQueries({ queryKey: ["waiting"] });
    },
    onError: (error) => { toastProblem(error); },
  });
}
