import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import { toast, toastProblem } from "@/parts/toasts";

export type Act = "pause" | "resume" | "stop" | "stop_at_once";

const DONE: Record<Act, string> = {
  pause: "It is paused: nothing new begins, and what is being made goes on.",
  resume: "It goes on.",
  stop: "It ends: what is being made is finished first.",
  stop_at_once: "It ends now.",
};

/** Stop, pause and resume an autonomous run; each has its effect once, however often it is sent. */
export function useAutonomousActs(id: string, onDone: () => void) {
  const queries = useQueryClient();
  const [key, setKey] = useState(onceKey);
  return useMutation({
    mutationFn: ({ act, reason }: { act: Act; reason: string }) => {
      const params = { path: { run_id: id }, header: { "idempotency-key": key } };
      if (act === "resume") return answerOf(api.POST("/v1/autonomous-runs/{run_id}/resume", { params }));
      if (act === "pause") return answerOf(api.POST("/v1/autonomous-runs/{run_id}/pause", { params, body: { reason } }));
      return answerOf(api.POST("/v1/autonomous-runs/{run_id}/stop", { params, body: { reason, at_once: act === "stop_at_once" } }));
    },
    onSuccess: (run, { act }) => {
      queries.setQueryData(["autonomous-runs", "one", id], run);
      void queries.invalidateQueries({ queryKey: ["autonomous-runs"] });
      toast("success", DONE[act]);
      onDone();
    },
    onError: (error, { act }) => {
      if (act === "resume") toastProblem(error);
      void queries.invalidateQueries({ queryKey: ["autonomous-runs", "one", id] });
    },
    onSettled: () => { setKey(onceKey()); },
  });
}

export type RunAct = "stop" | "pause" | "resume";

const RUN_DONE: Record<RunAct, string> = {
  stop: "It ends at its next step; what it made so far stays.",
  pause: "It rests: the work that is being done for it ends, nothing new begins.",
  resume: DONE.resume,
};

/** Stop or pause a production, or let one go on that is paused or was given up. */
export function useRunActs(id: string, onDone: () => void) {
  const queries = useQueryClient();
  const [key, setKey] = useState(onceKey);
  const acts = useMutation({
    mutationFn: ({ act, reason }: { act: RunAct; reason: string }) => {
      const params = { path: { run_id: id }, header: { "idempotency-key": key } };
      if (act === "resume") return answerOf(api.POST("/v1/runs/{run_id}/resume", { params }));
      if (act === "pause") return answerOf(api.POST("/v1/runs/{run_id}/pause", { params }));
      return answerOf(api.POST("/v1/runs/{run_id}/stop", { params, body: { reason } }));
    },
    onSuccess: (run, { act }) => {
      queries.setQueryData(["runs", "one", id], run);
      void queries.invalidateQueries({ queryKey: ["runs"] });
      toast("success", RUN_DONE[act], act === "pause" ? { label: "Let it go on", run: () => { acts.mutate({ act: "resume", reason: "" }); } } : undefined);
      onDone();
    },
    onError: (error, { act }) => {
      if (act !== "stop") toastProblem(error);
      void queries.invalidateQueries({ queryKey: ["runs", "one", id] });
    },
    onSettled: () => { setKey(onceKey()); },
  });
  return acts;
}
