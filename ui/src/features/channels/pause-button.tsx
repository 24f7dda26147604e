import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import type { Versioned } from "@/api/client";
import type { ChannelView } from "@/api/schema";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { Icon } from "@/parts/icon";
import { useShortcuts } from "@/parts/shortcuts";
import { toast, toastProblem } from "@/parts/toasts";

import { useChannelEdit } from "./use-channel-edit";

/** Pauses a channel for a reason, or lets it go on. */
export function PauseButton({ channel }: { channel: Versioned<ChannelView> }) {
  const { body, etag } = channel;
  const [asking, setAsking] = useState(false);
  const edit = useChannelEdit(body.id);
  const goOn = () => {
    edit.mutate({ change: { paused: false }, etag }, { onSuccess: () => { toast("success", `${body.name} goes on.`); }, onError: (error) => { toastProblem(error); } });
  };
  const press = () => {
    if (body.paused) goOn();
    else setAsking(true);
  };
  const pause = (reason: string) => {
    edit.mutate({ change: { paused: true, reason }, etag }, {
      onSuccess: () => {
        setAsking(false);
        toast("success", `${body.name} is paused: nothing new starts and nothing is published.`);
      },
    });
  };
  useShortcuts("This channel", [{ keys: "p", does: body.paused ? "let it go on" : "pause it", run: press }]);
  return (
    <>
      <Button variant="outlined" color="inherit" startIcon={<Icon name={body.paused ? "play" : "pause"} />} disabled={edit.isPending} onClick={press}>{body.paused ? "Let it go on" : "Pause"}</Button>
      {asking ? (
        <ConfirmDialog title={`Pause ${body.name}`} action="Pause it" reason="Why" busy={edit.isPending} error={edit.error} onConfirm={pause} onClose={() => { setAsking(false); edit.reset(); }}>
          <Typography variant="body2">Nothing new starts and nothing is published until it goes on. What is being made is kept as far as it is.</Typography>
        </ConfirmDialog>
      ) : null}
    </>
  );
}
