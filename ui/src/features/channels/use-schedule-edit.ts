import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, type Versioned, versionedOf } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Schedule } from "@/api/schema";
import { toast } from "@/parts/toasts";

import { scheduleQuery } from "./queries";

interface Wish {
  perWeek?: string;
  hours?: number[];
  zone?: string;
}

/** A schedule as it is being changed, based on the version that was seen first. */
export function useScheduleEdit(id: string, { body, etag }: Versioned<Schedule>) {
  const queries = useQueryClient();
  const [wish, setWish] = useState<Wish>({});
  const [since, setSince] = useState<string | null>(null);
  const shown = { perWeek: wish.perWeek ?? String(body.per_week), hours: wish.hours ?? body.hours, zone: wish.zone ?? body.zone };
  const forget = () => {
    setWish({});
    setSince(null);
  };
  const set = useMutation({
    mutationFn: (of: string) => versionedOf(api.PUT("/v1/channels/{channel_id}/schedule", { params: { path: { channel_id: id }, header: { "if-match": of } }, body: { per_week: Number(shown.perWeek), hours: shown.hours, zone: shown.zone } })),
    onSuccess: (read) => {
      queries.setQueryData(scheduleQuery(id).queryKey, read);
      forget();
      toast("success", "The schedule is set: it holds from the next planning on.");
    },
    onError: (error) => { if (asProblem(error).status === 412) void queries.invalidateQueries({ queryKey: scheduleQuery(id).queryKey }); },
  });
  const want = (more: Wish) => {
    setWish({ ...wish, ...more });
    setSince(since ?? etag);
  };
  const leave = () => {
    forget();
    set.reset();
  };
  return { shown, changed: Object.keys(wish).length > 0, want, leave, save: () => { set.mutate(since ?? etag); }, saveOver: () => { set.mutate(etag); }, busy: set.isPending, error: set.error };
}
