import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import type { AutonomousRunDetail } from "@/api/schema";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { Icon } from "@/parts/icon";
import { useShortcuts } from "@/parts/shortcuts";
import { useSession } from "@/session/session-store";

import { type Act, useAutonomousActs } from "./use-acts";

interface Can {
  pause: boolean;
  resume: boolean;
  stop: boolean;
}

const WORKING: Can = { pause: true, resume: false, stop: true };
const CAN: Record<AutonomousRunDetail["status"], Can> = {
  planning: WORKING, running: WORKING,
  paused: { pause: false, resume: true, stop: true },
  stopping: { pause: false, resume: false, stop: true },
  ended: { pause: false, resume: false, stop: false },
};

/** Pause, resume and stop, each as far as the run's state and the viewer's role allow. */
export function AutonomousActs({ run }: { run: AutonomousRunDetail }) {
  const [asked, setAsked] = useState<"pause" | "stop" | null>(null);
  const may = useSession((session) => session.permissions.has("runs:stop"));
  const close = () => { setAsked(null); };
  const acts = useAutonomousActs(run.run_id, close);
  const can = may ? CAN[run.status] : CAN.ended;
  const resume = () => { acts.mutate({ act: "resume", reason: "" }); };
  useShortcuts("Autonomous run", [
    ...(can.pause ? [{ keys: "p", does: "pause it", run: () => { setAsked("pause"); } }] : []),
    ...(can.resume ? [{ keys: "p", does: "let it go on", run: resume }] : []),
    ...(can.stop ? [{ keys: "s", does: "end it", run: () => { setAsked("stop"); } }] : []),
  ]);
  const shared = { reason: "Why", busy: acts.isPending, error: acts.error, onClose: () => { close(); acts.reset(); } };
  return (
    <>
      {can.pause ? <Button variant="outlined" color="inherit" startIcon={<Icon name="pause" />} onClick={() => { setAsked("pause"); }}>Pause</Button> : null}
      {can.resume ? <Button variant="contained" startIcon={<Icon name="play" />} disabled={acts.isPending} onClick={resume}>Let it go on</Button> : null}
      {can.stop ? <Button variant="outlined" color="error" startIcon={<Icon name="stop" />} onClick={() => { setAsked("stop"); }}>End it</Button> : null}
      {asked === "pause" ? (
        <ConfirmDialog {...shared} title="Pause the autonomous run" action="Pause it" onConfirm={(reason) => { acts.mutate({ act: "pause", reason }); }}>
          <Typography variant="body2">Nothing new begins until somebody lets it go on; what is being made or scheduled goes on. Times that pass meanwhile follow the run's policy.</Typography>
        </ConfirmDialog>
      ) : null}
      {asked === "stop" ? <StopDialog shared={shared} onStop={(act, reason) => { acts.mutate({ act, reason }); }} /> : null}
    </>
  );
}

interface Shared {
  reason: string;
  busy: boolean;
  error: unknown;
  onClose: () => void;
}

function StopDialog({ shared, onStop }: { shared: Shared; onStop: (act: Act, reason: string) => void }) {
  const [atOnce, setAtOnce] = useState(false);
  return (
    <ConfirmDialog {...shared} title="End the autonomous run" action={atOnce ? "End it now" : "End it"} typed="end" danger onConfirm={(reason) => { onStop(atOnce ? "stop_at_once" : "stop", reason); }}>
      <Box sx={{ display: "grid", gap: 2 }}>
        <Typography variant="body2">{atOnce ? "What is being made is ended too, and is not published." : "Nothing new begins, what is being made is finished within 45 minutes, and the last report is written."} This cannot be taken back; another run can be started.</Typography>
        <FormControlLabel control={<Switch size="small" checked={atOnce} onChange={(event) => { setAtOnce(event.target.checked); }} />} label={<Typography variant="body2">End what is being made too</Typography>} />
      </Box>
    </ConfirmDialog>
  );
}
