import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router-dom";

import type { EndpointSecret } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { Icon } from "@/parts/icon";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { useShortcuts } from "@/parts/shortcuts";
import { useSession } from "@/session/session-store";

import { SystemFrame } from "../system-frame";
import { EndpointDialog } from "./endpoint-dialog";
import { EndpointList } from "./endpoint-list";
import { EndpointPanel } from "./endpoint-panel";
import { N8nPanel } from "./n8n-panel";
import { endpointsQuery } from "./queries";
import { SecretShown } from "./secret-shown";

/** Where events are sent, what came of each, and how n8n takes part. */
export default function WebhooksPage() {
  const may = useSession((session) => session.permissions.has("webhooks:read"));
  if (!may) return <SystemFrame at="/system/webhooks"><EmptyView icon="link" title="An admin says where events are sent">Ask an admin of the studio.</EmptyView></SystemFrame>;
  return <Webhooks />;
}

function Webhooks() {
  // In the question and not in the path: the page stays, and with it a secret that is told once.
  const [asked, setAsked] = useSearchParams();
  const endpoints = useQuery(endpointsQuery);
  const [adding, setAdding] = useState(false);
  const [told, setTold] = useState<EndpointSecret | null>(null);
  const mayManage = useSession((session) => session.permissions.has("webhooks:manage"));
  useShortcuts("Webhooks", mayManage ? [{ keys: "n", does: "add an address", run: () => { setAdding(true); } }] : []);
  const add = mayManage ? <Button variant="contained" startIcon={<Icon name="plus" />} onClick={() => { setAdding(true); }}>Add an address</Button> : null;
  const shown = asked.get("at") ?? endpoints.data?.items[0]?.id;
  return (
    <SystemFrame at="/system/webhooks" actions={endpoints.data?.items.length ? add : null}>
      <QueryView query={endpoints} loading={<LoadingView rows={4} height={60} />}>
        {(data) => (
          <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: shown === undefined ? "2fr 1fr" : "1fr 2fr" }, gap: 4, alignItems: "start" }}>
            <Box sx={{ display: shown === undefined ? "contents" : "grid", gap: 4, minWidth: 0 }}>
              <Panel title="Addresses" flush>
                {data.items.length === 0 ? <EmptyView icon="link" title="Events are sent nowhere" action={add}>A program that wants to know at once what happens here gives an address; every event that it asks for is signed and sent there.</EmptyView> : <EndpointList items={data.items} chosen={shown} />}
              </Panel>
              <N8nPanel />
            </Box>
            {shown === undefined ? null : <EndpointPanel key={shown} id={shown} onSecret={setTold} />}
          </Box>
        )}
      </QueryView>
      {adding ? <EndpointDialog onDone={(made) => { setAdding(false); setTold(made); setAsked({ at: made.id }); }} onClose={() => { setAdding(false); }} /> : null}
      {told ? <SecretShown endpoint={told} onClose={() => { setTold(null); }} /> : null}
    </SystemFrame>
  );
}
