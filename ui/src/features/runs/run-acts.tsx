import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { Link } from "react-router-dom";

import type { RunEvent, RunView } from "@/api/schema";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { Icon } from "@/parts/icon";
import { useShortcuts } from "@/parts/shortcuts";
import { useSession } from "@/session/session-store";

import { useRunActs } from "./use-acts";

/** Where to go from a production, and what to do with it. */
export function RunActs({ run, events }: { run: RunView; events: readonly RunEvent[] }) {
  return (
    <>
      {run.video === null ? null : <Button component={Link} to={`/videos/${run.video}`} variant="outlined" startIcon={<Icon name="film" />}>Its video</Button>}
      {run.approval === null ? null : <Button component={Link} to={`/approvals/${run.approval}`} variant="contained" startIcon={<Icon name="hand" />}>Decide</Button>}
      <Hand run={run} events={events} />
    </>
  );
}

/** What may be done to a run as it stands. */
function handsOn(run: RunView, events: readonly RunEvent[], may: boolean) {
  const givenUp = events.findLast((one) => ["run.given_up", "run.resumed"].includes(one.kind))?.kind === "run.given_up";
  const canStop = may && run.finished_at === null && run.stop_reason === null;
  const rests = run.status === "paused" || givenUp;
  return { canStop, canPause: canStop && !rests, canResume: canStop && rests };
}

function Hand({ run, events }: { run: RunView; events: readonly RunEvent[] }) {
  const [stopping, setStopping] = useState(false);
  const may = useSession((session) => session.permissions.has("runs:stop"));
  const acts = useRunActs(run.id, () => { setStopping(false); });
  const { canStop, canPause, canResume } = handsOn(run, events, may);
  const act = (what: "pause" | "resume") => { if (!acts.isPending) acts.mutate({ act: what, reason: "" }); };
  useShortcuts("Run", [
    ...(canPause ? [{ keys: "p", does: "pause this production", run: () => { act("pause"); } }] : []),
    ...(canResume ? [{ keys: "p", does: "let it go on", run: () => { act("resume"); } }] : []),
    ...(canStop ? [{ keys: "s", does: "stop this production", run: () => { setStopping(true); } }] : []),
  ]);
  return (
    <>
      {canPause ? <Button color="inherit" variant="outlined" disabled={acts.isPending} onClick={() => { act("pause"); }} startIcon={<Icon name="pause" />}>Pause</Button> : null}
      {canResume ? <Button variant="contained" disabled={acts.isPending} onClick={() => { act("resume"); }} startIcon={<Icon name="play" />}>Let it go on</Button> : null}
      {canStop ? <Button color="error" variant="outlined" onClick={() => { setStopping(true); }} startIcon={<Icon name="stop" />}>Stop</Button> : null}
      {stopping ? (
        <ConfirmDialog title="Stop this production" action="Stop it" reason="Why" danger busy={acts.isPending} error={acts.error} onConfirm={(reason) => { acts.mutate({ act: "stop", reason }); }} onClose={() => { setStopping(false); acts.reset(); }}>
          <Typography variant="body2">It ends at its next step and is not published. What it made so far stays, and so does what it spent. To take back what is public already, pull its video back.</Typography>
        </ConfirmDialog>
      ) : null}
    </>
  );
}
