import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router-dom";

import { answerOf, api, onceKey } from "@/api/client";
import type { AutonomousRunDetail, SlotView } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { Panel } from "@/parts/panel";
import { StateChip } from "@/parts/state-chip";
import { toast, toastProblem } from "@/parts/toasts";
import { When } from "@/parts/when";
import { dayAndHour } from "@/parts/words";
import { useSession } from "@/session/session-store";

import { toneOfState } from "./words";

/** The plan: what is to be shown when, why then, and how far it is. */
export function Slots({ run }: { run: AutonomousRunDetail }) {
  const slots = [...run.slots].sort((one, other) => one.publish_at.localeCompare(other.publish_at));
  return (
    <Panel title="Plan" flush>
      {slots.length === 0 ? <EmptyView icon="calendar" title="Nothing is planned yet">The plan is made at the first wake-up, within a minute of the start.</EmptyView> : (
        <Box sx={{ overflowX: "auto", maxHeight: 480 }} tabIndex={0} role="region" aria-label="Plan of the run">
          <Table size="small" stickyHeader>
            <TableHead><TableRow><TableCell>To be shown</TableCell><TableCell>Channel</TableCell><TableCell>State</TableCell><TableCell>Video</TableCell><TableCell>Why</TableCell><TableCell align="right">Attempts</TableCell><TableCell /></TableRow></TableHead>
            <TableBody>
              {slots.map((one) => (
                <TableRow key={one.slot} hover>
                  <TableCell sx={{ whiteSpace: "nowrap" }}>{dayAndHour(one.publish_at)}<Typography variant="caption" color="textSecondary" component="div"><When at={one.publish_at} /></Typography></TableCell>
                  <TableCell>{one.channel}</TableCell>
                  <TableCell><StateChip state={one.status} tone={toneOfState(one.status)} /></TableCell>
                  <TableCell>{one.production === null ? one.title || (one.task === null ? "to be chosen" : "a task of yours") : <Link to={`/runs/${one.production}`} style={{ color: "inherit" }}>{one.title || "being made"}</Link>}</TableCell>
                  <TableCell sx={{ color: "text.secondary", maxWidth: 420 }}>{[...one.why, one.note].filter(Boolean).join("; ")}</TableCell>
                  <TableCell align="right">{one.attempts}</TableCell>
                  <TableCell align="right" sx={{ whiteSpace: "nowrap" }}>{one.status === "asked" ? <Answer slot={one} /> : null}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </Box>
      )}
    </Panel>
  );
}

function Answer({ slot }: { slot: SlotView }) {
  const queries = useQueryClient();
  const may = useSession((session) => session.permissions.has("runs:start"));
  const answer = useMutation({
    mutationFn: (catchUp: boolean) => answerOf(api.POST("/v1/slots/{slot_id}/answer", { params: { path: { slot_id: slot.slot }, header: { "idempotency-key": onceKey() } }, body: { catch_up: catchUp } })),
    onSuccess: (_, catchUp) => {
      toast("success", catchUp ? "It is shown as soon as it can be." : "It is left out.");
      void queries.invalidateQueries({ queryKey: ["autonomous-runs"] });
    },
    onError: (error) => {
      toastProblem(error);
      void queries.invalidateQueries({ queryKey: ["autonomous-runs"] });
    },
  });
  if (!may) return <Typography variant="caption" color="textSecondary">an operator answers</Typography>;
  return (
    <>
      <Button disabled={answer.isPending} onClick={() => { answer.mutate(true); }}>Show it late</Button>
      <Button color="inherit" disabled={answer.isPending} onClick={() => { answer.mutate(false); }}>Leave it out</Button>
    </>
  );
}
