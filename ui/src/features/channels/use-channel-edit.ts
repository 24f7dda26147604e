import { useMutation, useQueryClient } from "@tanstack/react-query";

import { versionedOf, api } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { ChannelChange } from "@/api/schema";

import { channelQuery } from "./queries";

interface Edit {
  change: ChannelChange;
  etag: string;
}

/** Change a channel; where somebody else changed it meanwhile, it is read anew, so that the caller can say what it is now. */
export function useChannelEdit(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ change, etag }: Edit) =>
      versionedOf(api.PATCH("/v1/channels/{channel_id}", { params: { path: { channel_id: id }, header: { "if-match": etag } }, body: change })),
    onSuccess: (changed) => {
      queries.setQueryData(channelQuery(id).queryKey, changed);
      void queries.invalidateQueries({ queryKey: ["channels", "all"] });
    },
    onError: (error) => {
      if (asProblem(error).status === 412) void queries.invalidateQueries({ queryKey: ["channels"] });
    },
  });
}
