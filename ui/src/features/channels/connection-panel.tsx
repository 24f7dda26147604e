import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import type { AccountView, ChannelView } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { ProblemView } from "@/parts/problem-view";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { toast } from "@/parts/toasts";
import { When } from "@/parts/when";
import { useSession } from "@/session/session-store";

import { ConnectSteps } from "./connect-steps";
import { accountsQuery, connection } from "./queries";
import { RevokeDialog } from "./revoke-dialog";

const POLL_MS = 60_000;

/** Through whose account of YouTube the channel publishes, and whether it still may. */
export function ConnectionPanel({ channel }: { channel: ChannelView }) {
  const accounts = useQuery({ ...accountsQuery, refetchInterval: usePoll(POLL_MS) });
  const mayConnect = useSession((session) => session.permissions.has("accounts:connect"));
  const account = accounts.data?.items.find((one) => one.channel === channel.id) ?? null;
  return (
    <Panel title="YouTube" aside={accounts.data ? <StateChip {...connection(account)} /> : undefined}>
      <QueryView query={accounts} loading={<LoadingView rows={1} height={150} />}>
        {() =>
          account === null ? (
            <EmptyView icon="link" title="Not connected" action={mayConnect ? <ConnectSteps channel={channel.id} word="Connect YouTube" /> : undefined}>
              Its videos stay in the library of this studio. {mayConnect ? "The owner of the YouTube channel consents at Google; you can take that back at any time." : "An admin of the studio can connect it."}
            </EmptyView>
          ) : <Connected channel={channel} account={account} mayConnect={mayConnect} />
        }
      </QueryView>
    </Panel>
  );
}

function Connected({ channel, account, mayConnect }: { channel: ChannelView; account: AccountView; mayConnect: boolean }) {
  const queries = useQueryClient();
  const mayCheck = useSession((session) => session.permissions.has("accounts:check"));
  const [revoking, setRevoking] = useState(false);
  const check = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/accounts/{channel_id}/check", { params: { path: { channel_id: channel.id }, header: { "idempotency-key": onceKey() } } })),
    onSuccess: (health) => {
      toast(health.ok ? "success" : "error", health.ok ? `YouTube honours the consent (${String(health.ms)} ms).` : `YouTube does not: ${health.said}`);
      void queries.invalidateQueries({ queryKey: ["accounts"] });
      void queries.invalidateQueries({ queryKey: ["quotas"] });
    },
  });
  return (
    <Box sx={{ display: "grid", gap: 3 }}>
      <Typography variant="h2" component="p">{account.title}</Typography>
      {account.healthy ? null : <Typography variant="body2" sx={{ color: "tone.trouble.ink" }}>{(account.reason || "The studio may not publish through it now").replace(/\.$/, "")}. Connect it again to go on.</Typography>}
      <Box component="dl" sx={{ display: "grid", gridTemplateColumns: "140px 1fr", gap: 1, margin: 0, fontSize: 13, "& dt": { color: "text.secondary" }, "& dd": { margin: 0, overflowWrap: "anywhere" } }}>
        <dt>Channel there</dt><dd>{account.external_id}</dd>
        <dt>Project</dt><dd>{account.project}</dd>
        <dt>Connected</dt><dd><When at={account.connected_at} /></dd>
        <dt>Last honoured</dt><dd>{account.verified_at === null ? "not yet" : <When at={account.verified_at} />}</dd>
        {account.consent_ends_at === null ? null : <><dt>Ends by itself</dt><dd><When at={account.consent_ends_at} /></dd></>}
        <dt>It may</dt><dd>{account.scopes.map((one) => one.split("/").at(-1)).join(", ")}</dd>
      </Box>
      {check.error ? <ProblemView error={check.error} /> : null}
      <Box sx={{ display: "flex", gap: 2, flexWrap: "wrap" }}>
        {mayCheck ? <Button variant="outlined" color="inherit" disabled={check.isPending} onClick={() => { check.mutate(); }}>{check.isPending ? "Asking YouTube…" : "Check it now"}</Button> : null}
        {mayConnect && !account.healthy ? <ConnectSteps channel={channel.id} word="Connect again" /> : null}
        {mayConnect ? <Button color="error" onClick={() => { setRevoking(true); }}>Revoke…</Button> : null}
      </Box>
      {revoking ? <RevokeDialog channel={channel} title={account.title} onClose={() => { setRevoking(false); }} /> : null}
    </Box>
  );
}
