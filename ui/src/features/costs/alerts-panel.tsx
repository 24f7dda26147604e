import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answerOf, api, onceKey } from "@/api/client";
import type { HeldBack } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { toast, toastProblem } from "@/parts/toasts";
import { When } from "@/parts/when";
import { money, plain } from "@/parts/words";
import { useSession } from "@/session/session-store";

import { alertsQuery } from "./queries";

/** What came near its limit, and which providers are left alone for a while. */
export function AlertsPanel() {
  const alerts = useQuery({ ...alertsQuery, refetchInterval: usePoll(30_000) });
  return (
    <Panel title="What came near a limit?">
      <QueryView query={alerts} loading={<LoadingView rows={2} height={28} />}>
        {(data) =>
          data.alerts.length + data.held_back.length === 0 ? <EmptyView icon="shield" title="Nothing did">You are told here at 50, 80 and 100 percent of a limit.</EmptyView> : (
            <Box sx={{ display: "grid", gap: 3, fontSize: 13 }}>
              {data.held_back.map((one) => <Held key={`${one.provider} ${one.endpoint} ${one.credential}`} one={one} />)}
              {data.alerts.map((one) => (
                <Box key={`${one.scope} ${one.key} ${String(one.percent)} ${one.raised_at}`} sx={{ display: "flex", gap: 3, alignItems: "baseline" }}>
                  <StateChip state={one.percent >= 100 ? "critical" : "warning"} word={`${String(one.percent)}%`} />
                  <span style={{ flex: 1 }}>{plain(one.scope)} {one.key}: {money(one.counted_usd)} of {money(one.limit_usd)}{one.percent >= 100 && one.hard ? "; stopped there" : ""}</span>
                  <Box component="span" sx={{ color: "text.secondary" }}><When at={one.raised_at} /></Box>
                </Box>
              ))}
            </Box>
          )
        }
      </QueryView>
    </Panel>
  );
}

function Held({ one }: { one: HeldBack }) {
  const queries = useQueryClient();
  const may = useSession((session) => session.permissions.has("switches:release"));
  const reset = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/providers/{provider}/reset", { params: { path: { provider: one.provider }, header: { "idempotency-key": onceKey() } } })),
    onSuccess: () => {
      toast("success", `${plain(one.provider)} is called again from now on.`);
      void queries.invalidateQueries({ queryKey: alertsQuery.queryKey });
    },
    onError: (error) => { toastProblem(error); },
  });
  return (
    <Box sx={{ display: "flex", gap: 3, alignItems: "baseline" }}>
      <StateChip state="paused" word="left alone" />
      <Box sx={{ flex: 1 }}>
        {plain(one.provider)}: {one.last_error}
        <Typography variant="caption" component="div" color="textSecondary">{one.failures} failures{one.until ? <>; asked again <When at={one.until} /></> : null}</Typography>
      </Box>
      {may ? <Button color="inherit" disabled={reset.isPending} onClick={() => { reset.mutate(); }}>Call it again</Button> : null}
    </Box>
  );
}
