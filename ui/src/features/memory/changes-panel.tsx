import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answerOf, api, onceKey } from "@/api/client";
import type { ChangeDecision, ChangeView } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { ProblemView } from "@/parts/problem-view";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { plain } from "@/parts/words";
import { useSession } from "@/session/session-store";

import { changesQuery } from "./queries";

const TONES = { proposed: "waiting", approved: "good", applied: "good", rejected: "idle", reverted: "idle" } as const;

function told(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What would change in who speaks, from what happened; true only once a person approved it. */
export function ChangesPanel({ channel }: { channel: string }) {
  const changes = useQuery(changesQuery(channel));
  return (
    <Panel title="What would that change?">
      <QueryView query={changes} loading={<LoadingView rows={3} height={64} />}>
        {(data) => (data.items.length === 0 ? <EmptyView icon="user" title="No change is proposed">Where lessons agree, a change of the personality is proposed here; you decide.</EmptyView> : <Box sx={{ display: "grid", gap: 4 }}>{data.items.map((one) => <Change key={one.id} change={one} />)}</Box>)}
      </QueryView>
    </Panel>
  );
}

function Change({ change }: { change: ChangeView }) {
  const queries = useQueryClient();
  const may = useSession((session) => session.permissions.has("lessons:decide"));
  const decide = useMutation({
    mutationFn: (decision: ChangeDecision["decision"]) => answerOf(api.POST("/v1/personality-changes/{change_id}/decide", { params: { path: { change_id: change.id }, header: { "idempotency-key": onceKey() } }, body: { decision } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["personality-changes"] }),
  });
  const inForce = change.status === "approved" || change.status === "applied";
  return (
    <Box component="section" aria-label={`Change of ${plain(change.field)}`} sx={{ display: "grid", gap: 1, fontSize: 13 }}>
      <Box sx={{ display: "flex", gap: 2, alignItems: "center" }}><b>{plain(change.field)}</b><StateChip state={change.status} tone={TONES[change.status]} /><Box component="span" sx={{ color: "text.secondary", marginInlineStart: "auto" }}><When at={change.created_at} /></Box></Box>
      <Box><s>{told(change.value_from)}</s> → {told(change.value_to)}</Box>
      <Box sx={{ color: "text.secondary" }}>{change.why}</Box>
      {decide.error ? <ProblemView error={decide.error} /> : null}
      {may && change.status === "proposed" ? (
        <Box sx={{ display: "flex", gap: 2 }}>
          <Button variant="outlined" disabled={decide.isPending} onClick={() => { decide.mutate("approved"); }}>Approve</Button>
          <Button color="inherit" disabled={decide.isPending} onClick={() => { decide.mutate("rejected"); }}>Reject</Button>
        </Box>
      ) : null}
      {may && inForce ? <Box><Button color="inherit" disabled={decide.isPending} onClick={() => { decide.mutate("reverted"); }}>Take it back</Button></Box> : null}
      {!may && change.status === "proposed" ? <Box sx={{ color: "text.secondary" }}>An operator or admin decides.</Box> : null}
    </Box>
  );
}
