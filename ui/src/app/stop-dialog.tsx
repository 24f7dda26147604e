import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import { switchesQuery } from "@/api/queries";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { toast } from "@/parts/toasts";
import { When } from "@/parts/when";
import { useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

const EVERYTHING = "all";

/** The kill-switch: every outside call of the studio stops within five seconds, or is let go on. */
export default function StopDialog() {
  const queries = useQueryClient();
  const set = useUi((ui) => ui.set);
  const mayRelease = useSession((session) => session.permissions.has("switches:release"));
  const { data } = useQuery(switchesQuery);
  const [key] = useState(onceKey);
  const stopped = data?.items.find((one) => one.scope === EVERYTHING);
  const close = () => { set({ stopOpen: false }); };
  const turn = useMutation({
    mutationFn: (reason: string) => {
      const asked = { body: { scope: EVERYTHING, reason }, params: { header: { "idempotency-key": key } } };
      return answerOf(stopped ? api.POST("/v1/switches/release", asked) : api.POST("/v1/switches/engage", asked));
    },
    onSuccess: (answer) => {
      queries.setQueryData(switchesQuery.queryKey, answer);
      toast("success", stopped ? "The studio works again." : "Everything is stopped. Calls in flight are cut within five seconds.");
      close();
    },
  });
  const shared = { onClose: close, onConfirm: turn.mutate, busy: turn.isPending, error: turn.error, reason: "Why" };
  if (stopped) {
    return (
      <ConfirmDialog {...shared} title="Everything is stopped" action="Let it go on" {...(mayRelease ? { typed: "go on" } : { typed: "ask an admin" })}>
        <Typography variant="body2">Since <When at={stopped.since} />, because: {stopped.reason}</Typography>
        <Typography variant="body2">{mayRelease ? "Runs go on where they were; nothing was lost." : "Only an admin may let it go on."}</Typography>
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog {...shared} title="Stop everything" action="Stop everything" typed="stop" danger>
      <Box sx={{ display: "grid", gap: 2 }}>
        <Typography variant="body2">No outside call is made from now on: nothing is bought, nothing is published, and calls in flight are cut within five seconds.</Typography>
        <Typography variant="body2">Nothing is lost. What is being made waits, and goes on when an admin lets it.</Typography>
      </Box>
    </ConfirmDialog>
  );
}
