import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router-dom";

import { answerOf, api, onceKey } from "@/api/client";
import type { TrendView } from "@/api/schema";
import { toast, toastProblem } from "@/parts/toasts";
import { useSession } from "@/session/session-store";

const LONGEST_TOPIC = 200;

export interface Make {
  may: boolean;
  busy: boolean;
  /** The channel that it is made for; null lets the studio choose. */
  channel: string | null;
  start: (topic: TrendView) => void;
}

/** Makes a video of a topic: a task, which the next run with room takes. */
export function useMake(channel: string | null): Make {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const may = useSession((session) => session.permissions.has("tasks:create"));
  const inject = useMutation({
    mutationFn: (topic: TrendView) =>
      answerOf(api.POST("/v1/tasks", {
        body: { kind: "topic", topic: topic.topic.slice(0, LONGEST_TOPIC), priority: "high", ...(channel === null ? {} : { channel }) },
        params: { header: { "idempotency-key": onceKey() } },
      })),
    onSuccess: (task) => {
      toast("success", `"${task.what}" will be made${task.reason ? `: ${task.reason}` : ""}.`, { label: "See the tasks", run: () => { void navigate("/tasks"); } });
      void queries.invalidateQueries({ queryKey: ["tasks"] });
    },
    onError: (error) => { toastProblem(error); },
  });
  const start = (topic: TrendView) => {
    if (may && !inject.isPending) inject.mutate(topic);
  };
  return { may, busy: inject.isPending, channel, start };
}
