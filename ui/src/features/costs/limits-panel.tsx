import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, type Versioned, versionedOf } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Limits, LimitView } from "@/api/schema";
import { BudgetField, usdOf } from "@/parts/budget-field";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { ProblemView } from "@/parts/problem-view";
import { QueryView } from "@/parts/query-view";
import { toast } from "@/parts/toasts";
import { When } from "@/parts/when";
import { Who } from "@/parts/who";
import { money } from "@/parts/words";
import { useSession } from "@/session/session-store";

import { limitsQuery } from "./queries";

const WORDS: Record<LimitView["limit"], string> = { call: "One call", video: "One video", run: "One run", day: "One UTC day", tenant: "All time", provider: "One provider, a day" };

/** Where it stops: hard limits, each of which can be set here. */
export function LimitsPanel() {
  const limits = useQuery(limitsQuery);
  return (
    <Panel title="Where does it stop?">
      <QueryView query={limits} loading={<LoadingView rows={6} height={28} />}>{(read) => <Listed limits={read} />}</QueryView>
    </Panel>
  );
}

function Listed({ limits }: { limits: Versioned<Limits> }) {
  const may = useSession((session) => session.permissions.has("costs:limit"));
  const [editing, setEditing] = useState<LimitView["limit"] | null>(null);
  return (
    <Box sx={{ display: "grid", gap: 2, fontSize: 13 }}>
      {limits.body.items.map((one) =>
        editing === one.limit ? <Edit key={one.limit} limit={one} etag={limits.etag} onDone={() => { setEditing(null); }} /> : (
          <Box key={one.limit} sx={{ display: "flex", alignItems: "center", gap: 2, minHeight: 32 }}>
            <Box component="span" sx={{ width: 150 }}>{WORDS[one.limit]}</Box>
            <Box component="span" sx={{ fontWeight: 600, width: 90 }}>{one.usd === null ? "no limit" : money(one.usd)}</Box>
            <Box component="span" sx={{ flex: 1, color: "text.secondary" }}>{one.source === "environment" ? "from the environment" : <>set by <Who id={one.changed_by} />{one.changed_at ? <> <When at={one.changed_at} /></> : null}</>}</Box>
            {may ? <Button color="inherit" aria-label={`Change the limit of ${WORDS[one.limit].toLowerCase()}`} onClick={() => { setEditing(one.limit); }}>Change</Button> : null}
          </Box>
        ),
      )}
      {may ? null : <Typography variant="caption" color="textSecondary">An admin can change these.</Typography>}
    </Box>
  );
}

function Edit({ limit, etag, onDone }: { limit: LimitView; etag: string; onDone: () => void }) {
  const queries = useQueryClient();
  const [typed, setTyped] = useState(limit.usd === null ? "" : String(limit.usd));
  // What the person saw when they began.
  const [since, setSince] = useState(etag);
  const usd = usdOf(typed);
  const set = useMutation({
    mutationFn: () => versionedOf(api.PATCH("/v1/cost-limits", { params: { header: { "if-match": since } }, body: { [limit.limit]: usd } })),
    onSuccess: (read) => {
      queries.setQueryData(limitsQuery.queryKey, read);
      toast("success", "The limit is set: it holds from the next call on.");
      onDone();
    },
    onError: (error) => { if (asProblem(error).status === 412) void queries.invalidateQueries({ queryKey: limitsQuery.queryKey }); },
  });
  const stale = set.error !== null && asProblem(set.error).status === 412;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (usd !== undefined) set.mutate();
  };
  return (
    <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 2, paddingBlock: 2 }}>
      <BudgetField value={typed} onChange={setTyped} label={WORDS[limit.limit]} help="A hard stop. Empty: what the environment says holds again." />
      {stale ? <Alert severity="warning" variant="outlined" role="alert">Somebody changed the limits meanwhile: this one is {limit.usd === null ? "none" : money(limit.usd)} now. <Button color="inherit" onClick={() => { setSince(etag); set.reset(); }}>Go on</Button></Alert> : null}
      {set.error && !stale ? <ProblemView error={set.error} /> : null}
      <Box sx={{ display: "flex", gap: 2 }}>
        <Button type="submit" variant="contained" disabled={usd === undefined || set.isPending || stale}>{set.isPending ? "Setting it…" : "Set it"}</Button>
        <Button color="inherit" onClick={onDone}>Leave it</Button>
      </Box>
    </Box>
  );
}
