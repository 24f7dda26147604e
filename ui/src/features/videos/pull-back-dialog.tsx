import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import type { VideoView } from "@/api/schema";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { toast } from "@/parts/toasts";

/** Lets nobody see a video any more. */
export function PullBackDialog({ video, onClose }: { video: VideoView; onClose: () => void }) {
  const queries = useQueryClient();
  const [key] = useState(onceKey);
  const pull = useMutation({
    mutationFn: (reason: string) => answerOf(api.POST("/v1/videos/{video_id}/pull-back", { params: { path: { video_id: video.id }, header: { "idempotency-key": key } }, body: { reason } })),
    onSuccess: (pulling) => {
      toast("success", `"${video.title}" ${pulling.video.words}.`);
      void queries.invalidateQueries({ queryKey: ["videos"] });
      onClose();
    },
  });
  return (
    <ConfirmDialog title="Pull it back" action="Pull it back" danger reason="Why (3 characters or more)" busy={pull.isPending} error={pull.error} onConfirm={pull.mutate} onClose={onClose}>
      <Typography variant="body2">&quot;{video.title}&quot; is made private at its platform: nobody sees it any more, and its numbers stay. To show it again, another one is made.</Typography>
    </ConfirmDialog>
  );
}
