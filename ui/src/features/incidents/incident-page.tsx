import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router-dom";

import type { IncidentDetail } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { plain } from "@/parts/words";
import { useSession } from "@/session/session-store";

import { ActionList } from "./action-list";
import { incidentQuery } from "./queries";
import { useHandling } from "./use-handling";

const POLL_MS = 30_000;

/** One incident: what was seen, what was done about it and how that is taken back, and what happened when. */
export default function IncidentPage() {
  const { id = "" } = useParams();
  const incident = useQuery({ ...incidentQuery(id), refetchInterval: usePoll(POLL_MS) });
  return <QueryView query={incident} loading={<Page title="Incident"><LoadingView rows={3} height={120} /></Page>}>{(data) => <Shown incident={data} />}</QueryView>;
}

function Shown({ incident }: { incident: IncidentDetail }) {
  const may = useSession((session) => session.permissions.has("incidents:handle"));
  const handling = useHandling();
  const [resolving, setResolving] = useState(false);
  return (
    <Page
      title={incident.summary}
      actions={
        <>
          <StateChip state={incident.status} />
          {may && incident.status === "open" ? <Button variant="outlined" disabled={handling.isPending} onClick={() => { handling.mutate({ step: "acknowledge", id: incident.id, note: "" }); }}>Take it</Button> : null}
          {may && incident.status !== "resolved" ? <Button variant="contained" disabled={handling.isPending} onClick={() => { setResolving(true); }}>Resolve</Button> : null}
        </>
      }
    >
      <Typography variant="body2" color="textSecondary">
        {plain(incident.kind)}, {incident.severity}; seen by {plain(incident.signal)}{incident.confidence === null ? "" : `, confidence ${incident.confidence.toFixed(2)}`}; opened <When at={incident.opened} />
        {incident.channel === null ? null : <> in {incident.channel}</>}{incident.run === null ? null : <>, <Link to={`/runs/${incident.run}`}>its run</Link></>}.
      </Typography>
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" }, gap: 4, alignItems: "start" }}>
        <Panel title="What was done">
          {incident.actions.length === 0 ? <EmptyView icon="shield" title="Nothing was done">Nothing had to be, or a person has to decide.</EmptyView> : (
            <ActionList actions={incident.actions} may={may} busy={handling.isPending} onStep={(step, action) => { handling.mutate({ step, id: action, note: "" }); }} />
          )}
        </Panel>
        <Panel title="What happened">
          <Box component="ol" sx={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: 3 }}>
            {incident.timeline.map((one) => (
              <Box component="li" key={`${one.at} ${one.what}`} sx={{ display: "grid", gridTemplateColumns: "96px 1fr", gap: 3, fontSize: 13 }}>
                <Box sx={{ color: "text.secondary" }}><When at={one.at} /></Box>
                <Box><b>{plain(one.what)}</b> by {one.by}{one.detail ? <Box sx={{ color: "text.secondary" }}>{one.detail}</Box> : null}</Box>
              </Box>
            ))}
          </Box>
        </Panel>
      </Box>
      {resolving ? (
        <ConfirmDialog title="Resolve it" action="Resolve" reason="What came of it" onConfirm={(note) => { handling.mutate({ step: "resolve", id: incident.id, note }); setResolving(false); }} onClose={() => { setResolving(false); }}>
          <Typography variant="body2">It leaves the list of what is open; its timeline keeps what you write.</Typography>
        </ConfirmDialog>
      ) : null}
    </Page>
  );
}
