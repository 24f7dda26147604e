import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answerOf, api } from "@/api/client";
import type { TokenMade, TokenView } from "@/api/schema";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { EmptyView } from "@/parts/empty-view";
import { Icon } from "@/parts/icon";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { useShortcuts } from "@/parts/shortcuts";
import { ShownOnce } from "@/parts/shown-once";
import { toast } from "@/parts/toasts";
import { When } from "@/parts/when";
import { count } from "@/parts/words";

import { NewTokenDialog } from "./new-token-dialog";
import { tokensQuery } from "./queries";

/** Tokens by which programs act as their owner, each as far as its scopes go. */
export function TokensPanel() {
  const tokens = useQuery(tokensQuery);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<TokenMade | null>(null);
  const [revoking, setRevoking] = useState<TokenView | null>(null);
  useShortcuts("Your account", [{ keys: "n", does: "make a token for a program", run: () => { setMaking(true); } }]);
  const make = <Button variant="outlined" startIcon={<Icon name="plus" />} onClick={() => { setMaking(true); }}>Make a token</Button>;
  return (
    <Panel title="Programs that act for you" flush aside={tokens.data?.items.length ? make : null}>
      <QueryView query={tokens} loading={<Box sx={{ padding: 4 }}><LoadingView rows={3} height={40} /></Box>}>
        {(data) => data.items.length === 0
          ? <EmptyView icon="keys" title="No program acts for you" action={make}>A token lets n8n, a script or an assistant do what you allow it, and nothing that only a person may.</EmptyView>
          : <Tokens items={data.items} onRevoke={setRevoking} />}
      </QueryView>
      {making ? <NewTokenDialog onMade={(token) => { setMaking(false); setMade(token); }} onClose={() => { setMaking(false); }} /> : null}
      {made ? <ShownOnce title={`The token of ${made.name}`} label="Token" value={made.token} onClose={() => { setMade(null); }}><Typography variant="body2">It is shown now and never again; only its digest is kept. Send it as <code>Authorization: Bearer</code>.</Typography></ShownOnce> : null}
      {revoking ? <RevokeDialog token={revoking} onClose={() => { setRevoking(null); }} /> : null}
    </Panel>
  );
}

function Tokens({ items, onRevoke }: { items: readonly TokenView[]; onRevoke: (token: TokenView) => void }) {
  return (
    <Table aria-label="Tokens">
      <TableHead><TableRow><TableCell>Program</TableCell><TableCell>May</TableCell><TableCell>Last used</TableCell><TableCell>Good until</TableCell><TableCell align="right">Revoke</TableCell></TableRow></TableHead>
      <TableBody>
        {items.map((one) => (
          <TableRow key={one.id}>
            <TableCell component="th" scope="row"><b>{one.name}</b><Box sx={{ color: "text.secondary", fontFamily: "monospace", fontSize: 12 }}>{one.prefix}…</Box></TableCell>
            <TableCell>
              <details><summary>{count(one.scopes.length, "scope")}</summary><Box sx={{ color: "text.secondary", maxWidth: 320 }}>{one.scopes.join(", ")}</Box></details>
            </TableCell>
            <TableCell>{one.last_used_at === null ? "never" : <When at={one.last_used_at} />}</TableCell>
            <TableCell>{one.expires_at === null ? "for ever" : <When at={one.expires_at} />}</TableCell>
            <TableCell align="right"><Button color="inherit" aria-label={`Revoke ${one.name}`} onClick={() => { onRevoke(one); }}>Revoke</Button></TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function RevokeDialog({ token, onClose }: { token: TokenView; onClose: () => void }) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => answerOf(api.DELETE("/v1/me/tokens/{token_id}", { params: { path: { token_id: token.id } } })),
    onSuccess: () => {
      toast("success", `${token.name} may do nothing any more.`);
      void queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
      onClose();
    },
  });
  return (
    <ConfirmDialog title={`Revoke ${token.name}`} action="Revoke it" danger busy={revoke.isPending} error={revoke.error} onConfirm={() => { revoke.mutate(); }} onClose={onClose}>
      <Typography variant="body2">Whatever uses this token is refused from now on. It cannot be taken back; make a new token instead.</Typography>
    </ConfirmDialog>
  );
}
