import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import type { NewTasks, TaskDetail } from "@/api/schema";
import { toast } from "@/parts/toasts";

/** Asks for one task, once: sent again as it is, it is the same request; after `changed` it is another. */
export function useAsk(onAsked: () => void) {
  const queries = useQueryClient();
  const [key, setKey] = useState(onceKey);
  const changed = () => { setKey(onceKey()); };
  const ask = useMutation({
    mutationFn: (body: NewTasks["tasks"][number]) => answerOf<TaskDetail>(api.POST("/v1/tasks", { body, params: { header: { "idempotency-key": key } } })),
    onSuccess: (task) => {
      toast("success", `"${task.what}" is ${task.status === "queued" ? "queued" : plainStatus(task.status)}.`);
      changed();
      onAsked();
      void queries.invalidateQueries({ queryKey: ["tasks"] });
      void queries.invalidateQueries({ queryKey: ["waiting"] });
    },
  });
  return { ask, changed };
}

function plainStatus(status: TaskDetail["status"]): string {
  return status === "planned" || status === "running" ? "taken up" : status;
}
