import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import TextField from "@mui/material/TextField";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { answerOf, api } from "@/api/client";
import { asProblem } from "@/api/problem";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { ProblemView } from "@/parts/problem-view";
import { toast, toastProblem } from "@/parts/toasts";
import { useIdOf } from "@/parts/who";
import { count } from "@/parts/words";
import { useSession } from "@/session/session-store";

import { AuditList } from "./audit-list";
import { auditQuery, isAction, type Sought } from "./queries";
import { SystemFrame } from "./system-frame";

const ALL: Sought = { actor: "", action: "", subject: "" };

/** Who did what, newest first, and whether the trail is whole. */
export default function AuditPage() {
  const may = useSession((session) => session.permissions.has("audit:read"));
  if (!may) return <SystemFrame at="/system/audit"><EmptyView icon="shield" title="An admin reads the trail">It tells who did what. Ask an admin of the studio.</EmptyView></SystemFrame>;
  return <Trail />;
}

function Trail() {
  const [sought, setSought] = useState<Sought>(ALL);
  const [typed, setTyped] = useState<Sought>(ALL);
  const idOf = useIdOf();
  const trail = useInfiniteQuery(auditQuery(sought));
  const events = trail.data?.pages.flatMap((page) => page.items) ?? [];
  const type = (more: Partial<Sought>) => { setTyped({ ...typed, ...more }); };
  const clear = () => { setTyped(ALL); setSought(ALL); };
  return (
    <SystemFrame at="/system/audit" actions={<Verify />}>
      <Box component="form" role="search" aria-label="Find in the trail" onSubmit={(event) => { event.preventDefault(); if (isAction(typed.action)) setSought({ ...typed, actor: idOf(typed.actor), subject: idOf(typed.subject) }); }} sx={{ display: "flex", flexWrap: "wrap", gap: 3, alignItems: "flex-start" }}>
        <TextField label="Who" value={typed.actor} onChange={(event) => { type({ actor: event.target.value }); }} slotProps={{ htmlInput: { maxLength: 200 } }} />
        <TextField label="Did what" value={typed.action} error={!isAction(typed.action)} helperText={isAction(typed.action) ? undefined : "Such as session, or session.confirmed"} onChange={(event) => { type({ action: event.target.value }); }} />
        <TextField label="To what" value={typed.subject} onChange={(event) => { type({ subject: event.target.value }); }} slotProps={{ htmlInput: { maxLength: 200 } }} />
        <Button type="submit" variant="outlined" color="inherit" sx={{ height: 40 }}>Find</Button>
      </Box>
      {trail.isError ? <ProblemView error={trail.error} onRetry={() => void trail.refetch()} /> : null}
      {trail.isPending ? <LoadingView rows={12} height={44} /> : null}
      {trail.isSuccess && events.length === 0 ? <EmptyView icon="search" title="Nothing of that kind was done" action={<Button variant="outlined" onClick={clear}>Show everything</Button>} /> : null}
      {events.length > 0 ? <Paper sx={{ height: "min(680px, 70vh)", display: "flex", flexDirection: "column", overflow: "hidden" }}><AuditList events={events} onNearEnd={() => { if (trail.hasNextPage && !trail.isFetching) void trail.fetchNextPage(); }} /></Paper> : null}
    </SystemFrame>
  );
}

/** Checks every seal of the trail. */
function Verify() {
  const verify = useMutation({
    mutationFn: () => answerOf(api.GET("/v1/audit/verify")),
    onSuccess: (verdict) => { toast("success", `The trail is whole: ${count(verdict.events, "event")}, ${String(verdict.unsealed)} about to be sealed.`); },
    onError: (error) => {
      if (asProblem(error).status === 409) toast("error", `The trail is not whole: ${asProblem(error).message}`);
      else toastProblem(error);
    },
  });
  return <Button variant="outlined" color="inherit" disabled={verify.isPending} onClick={() => { verify.mutate(); }}>{verify.isPending ? "Checking every seal…" : "Is it whole?"}</Button>;
}
