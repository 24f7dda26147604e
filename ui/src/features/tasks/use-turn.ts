import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answerOf, api, onceKey } from "@/api/client";
import { toast, toastProblem } from "@/parts/toasts";

import type { Status } from "./queries";

export const CAN_BE_CANCELLED: ReadonlySet<Status> = new Set<Status>(["queued", "planned"]);
export const CAN_BE_REPLAYED: ReadonlySet<Status> = new Set<Status>(["failed", "cancelled"]);

/** Take a task back, or have it done again. */
export function useTurn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, back }: { id: string; back: boolean }) => {
      const params = { path: { task_id: id }, header: { "idempotency-key": onceKey() } };
      return answerOf(back ? api.POST("/v1/tasks/{task_id}/cancel", { params, body: { reason: "taken back in the console" } }) : api.POST("/v1/tasks/{task_id}/replay", { params }));
    },
    onSuccess: (_, { back }) => { toast("success", back ? "The task is taken back." : "The task is queued again."); },
    onError: (error) => { toastProblem(error); },
    // Also when it was refused: somebody else may have turned it.
    onSettled: () => { void queries.invalidateQueries({ queryKey: ["tasks"] }); },
  });
}
