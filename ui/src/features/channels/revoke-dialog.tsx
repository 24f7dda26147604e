import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import type { ChannelView } from "@/api/schema";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { toast } from "@/parts/toasts";
import { count } from "@/parts/words";

/** Withdraws the consent at Google: what was read through it is deleted, and that cannot be taken back. */
export function RevokeDialog({ channel, title, onClose }: { channel: ChannelView; title: string; onClose: () => void }) {
  const queries = useQueryClient();
  const [key] = useState(onceKey);
  const revoke = useMutation({
    mutationFn: (reason: string) => answerOf(api.POST("/v1/accounts/{channel_id}/revoke", { params: { path: { channel_id: channel.id }, header: { "idempotency-key": key } }, body: { reason } })),
    onSuccess: (gone) => {
      toast("success", `${gone.title} is no longer connected. ${count(gone.readings_deleted, "reading")} deleted, ${count(gone.runs_told.length, "run")} told.`);
      void queries.invalidateQueries({ queryKey: ["accounts"] });
      void queries.invalidateQueries({ queryKey: ["quotas"] });
      onClose();
    },
  });
  return (
    <ConfirmDialog title={`Revoke ${title}`} action="Revoke it" typed={channel.id} reason="Why" danger busy={revoke.isPending} error={revoke.error} onConfirm={revoke.mutate} onClose={onClose}>
      <Typography variant="body2">The consent is withdrawn at Google, and the key to it and everything that was read through it are deleted for good. Videos that are online stay there. {channel.name} publishes nothing on YouTube until its owner consents again.</Typography>
    </ConfirmDialog>
  );
}
