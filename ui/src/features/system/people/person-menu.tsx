import IconButton from "@mui/material/IconButton";
import ListItemIcon from "@mui/material/ListItemIcon";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Typography from "@mui/material/Typography";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { answerOf, api } from "@/api/client";
import type { UserView } from "@/api/schema";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { Icon } from "@/parts/icon";
import { toast, toastProblem } from "@/parts/toasts";
import { count } from "@/parts/words";

import { called, type LinkTold } from "./queries";
import { usePersonChange } from "./use-person-change";

/** What is seldom done to a person: a new link, ending their sessions, letting them out. */
export function PersonMenu({ one, mine, onLink }: { one: UserView; mine: boolean; onLink: (link: LinkTold) => void }) {
  const [at, setAt] = useState<HTMLElement | null>(null);
  const [asking, setAsking] = useState(false);
  const change = usePersonChange(one);
  const path = { user_id: one.id };
  const link = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/users/{user_id}/link", { params: { path } })),
    onSuccess: (made) => { onLink({ email: one.email, secret: made.secret }); },
    onError: (error) => { toastProblem(error); },
  });
  const end = useMutation({
    mutationFn: () => answerOf(api.DELETE("/v1/users/{user_id}/sessions", { params: { path } })),
    onSuccess: (gone) => { toast("success", `${count(gone.ended, "session")} of ${called(one)} ended.`); },
    onError: (error) => { toastProblem(error); },
  });
  const act = (run: () => void) => () => { setAt(null); run(); };
  return (
    <>
      <IconButton aria-label={`More about ${called(one)}`} aria-haspopup="menu" aria-expanded={at !== null} onClick={(event) => { setAt(event.currentTarget); }}><Icon name="dots" /></IconButton>
      <Menu anchorEl={at} open={at !== null} onClose={() => { setAt(null); }}>
        {one.disabled ? null : <MenuItem onClick={act(() => { link.mutate(); })}><ListItemIcon><Icon name="link" /></ListItemIcon>Link for a new password</MenuItem>}
        <MenuItem onClick={act(() => { end.mutate(); })}><ListItemIcon><Icon name="out" /></ListItemIcon>End their sessions</MenuItem>
        {one.disabled ? <MenuItem onClick={act(() => { change.mutate({ disabled: false }); })}><ListItemIcon><Icon name="undo" /></ListItemIcon>Let in again</MenuItem> : null}
        {one.disabled || mine ? null : <MenuItem onClick={act(() => { setAsking(true); })}><ListItemIcon><Icon name="stop" /></ListItemIcon>Let out…</MenuItem>}
      </Menu>
      {asking ? (
        <ConfirmDialog title={`Let ${called(one)} out`} action="Let them out" danger busy={change.isPending} error={change.error} onConfirm={() => { change.mutate({ disabled: true }, { onSuccess: () => { setAsking(false); } }); }} onClose={() => { setAsking(false); }}>
          <Typography variant="body2">Their sessions and their programs&apos; tokens are good for nothing at once. What they did stays in the trail, and they can be let in again.</Typography>
        </ConfirmDialog>
      ) : null}
    </>
  );
}
