import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Versioned } from "@/api/client";
import type { EndpointSecret, EndpointView } from "@/api/schema";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { useSession } from "@/session/session-store";

import { Deliveries } from "./deliveries";
import { EditDialog } from "./endpoint-dialog";
import { DeleteDialog, RotateDialog } from "./endpoint-ends";
import { endpointQuery } from "./queries";
import { standingOf } from "./standing";
import { useEndpointActs } from "./use-endpoint-acts";

type Asking = "edit" | "rotate" | "delete" | null;

/** One address: how it fares, what can be done with it, and what was sent there. */
export function EndpointPanel({ id, onSecret }: { id: string; onSecret: (made: EndpointSecret) => void }) {
  const endpoint = useQuery(endpointQuery(id));
  return (
    <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
      <Panel title="The address">
        <QueryView query={endpoint} loading={<LoadingView rows={3} height={32} />}>{(now) => <Facts now={now} onSecret={onSecret} />}</QueryView>
      </Panel>
      <Deliveries id={id} />
    </Box>
  );
}

function Facts({ now, onSecret }: { now: Versioned<EndpointView>; onSecret: (made: EndpointSecret) => void }) {
  const one = now.body;
  const { word, tone } = standingOf(one);
  const may = useSession((session) => session.permissions.has("webhooks:manage"));
  const [asking, setAsking] = useState<Asking>(null);
  const { ping, pause } = useEndpointActs(now);
  const close = () => { setAsking(null); };
  return (
    <Box sx={{ display: "grid", gap: 3, fontSize: 13 }}>
      <Box sx={{ display: "flex", gap: 3, alignItems: "baseline" }}><Box sx={{ flex: 1, fontWeight: 560, overflowWrap: "anywhere" }}>{one.url}</Box><StateChip state={word} word={word} tone={tone} /></Box>
      <div>Is told of {one.kinds.map((kind) => (kind === "*" ? "everything" : kind)).join(", ")}.{one.note ? ` ${one.note}` : ""}</div>
      <Box sx={{ color: "text.secondary" }}>
        Added <When at={one.created_at} />.
        {one.rests_until ? <> It failed {one.failures} times in a row and rests until <When at={one.rests_until} />.</> : null}
        {one.two_secrets_until ? <> The old secret signs as well until <When at={one.two_secrets_until} />.</> : null}
        {one.paused ? " While it is paused, no event is kept for it." : null}
      </Box>
      {may ? (
        <Box sx={{ display: "flex", gap: 2, flexWrap: "wrap" }}>
          <Button variant="outlined" disabled={ping.isPending} onClick={() => { ping.mutate(); }}>Try it</Button>
          <Button variant="outlined" color="inherit" onClick={() => { setAsking("edit"); }}>Change</Button>
          <Button variant="outlined" color="inherit" disabled={pause.isPending} onClick={() => { pause.mutate(); }}>{one.paused ? "Let it go on" : "Pause"}</Button>
          <Button variant="outlined" color="inherit" onClick={() => { setAsking("rotate"); }}>New secret</Button>
          <Button color="error" onClick={() => { setAsking("delete"); }}>Delete</Button>
        </Box>
      ) : null}
      {asking === "edit" ? <EditDialog now={now} onClose={close} /> : null}
      {asking === "rotate" ? <RotateDialog endpoint={one} onMade={(made) => { close(); onSecret(made); }} onClose={close} /> : null}
      {asking === "delete" ? <DeleteDialog endpoint={one} onClose={close} /> : null}
    </Box>
  );
}
