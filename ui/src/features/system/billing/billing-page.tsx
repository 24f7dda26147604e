import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { PaymentsView } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { plain } from "@/parts/words";
import { useSession } from "@/session/session-store";

import { SystemFrame } from "../system-frame";
import { PlansPanel } from "./plans-panel";
import { PortalButton } from "./portal-button";
import { UsageBar } from "./usage-bar";

const POLL_MS = 60_000;
const SELF_HOSTED = "self_hosted";
const BAD = new Set(["past_due", "unpaid", "incomplete"]);

/** The plan that counts, how much of it is used, and where it is changed. */
export default function BillingPage() {
  const may = useSession((session) => session.permissions.has("payments:read"));
  const payments = useQuery({ queryKey: ["payments"], queryFn: ({ signal }) => answerOf(api.GET("/v1/payments", { signal })), refetchInterval: POLL_MS, enabled: may });
  if (!may) return <SystemFrame at="/system/billing"><EmptyView icon="money" title="Your role does not show the plan">Ask an admin of the studio.</EmptyView></SystemFrame>;
  return (
    <SystemFrame at="/system/billing" actions={payments.data?.status ? <PortalButton /> : null}>
      <QueryView query={payments} loading={<LoadingView rows={2} height={180} />}>
        {(data) => (
          <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" }, gap: 4, alignItems: "start" }}>
            <Panel title="Your plan" aside={data.status ? <StateChip state={data.status} tone={BAD.has(data.status) ? "trouble" : "good"} /> : null}>
              <Typography variant="h2" component="p">{data.plan.name}</Typography>
              <Standing payments={data} />
            </Panel>
            <Panel title="Used this month">
              <Box sx={{ display: "grid", gap: 4 }}>
                <UsageBar name="Channels" used={data.usage.channels} limit={data.plan.channels} />
                <UsageBar name="Videos" used={data.usage.videos} limit={data.plan.videos_per_month} />
                <UsageBar name="Hours of autonomous runs" used={data.usage.autonomy_hours} limit={data.plan.autonomy_hours_per_month} />
              </Box>
            </Panel>
            {data.plan.id === SELF_HOSTED ? null : <Box sx={{ gridColumn: "1 / -1", minWidth: 0 }}><PlansPanel payments={data} /></Box>}
          </Box>
        )}
      </QueryView>
    </SystemFrame>
  );
}

function Standing({ payments }: { payments: PaymentsView }) {
  const { plan, status, grace_until: grace, period_ends_at: period, ends } = payments;
  const lines = [
    plan.id === SELF_HOSTED ? "This studio runs on a server of your own: nothing is limited, and nothing is paid here. Whoever hosts it for others sets a key of Stripe's and sells plans (docs/payments.md)." : null,
    plan.id !== SELF_HOSTED && status === null ? "Nothing was paid for yet; this is what everybody has." : null,
    status !== null && BAD.has(status) ? `The last payment did not go through (${plain(status)}). Change the card on Stripe's page.` : null,
  ].filter((line) => line !== null);
  return (
    <Box sx={{ display: "grid", gap: 2, marginTop: 2, fontSize: 13 }}>
      {lines.map((line) => <div key={line}>{line}</div>)}
      {grace ? <div>The plan is kept until <When at={grace} />; then it falls back to the smallest.</div> : null}
      {period ? <div>{ends ? "It was cancelled and ends" : "It is paid for until"} <When at={period} />.</div> : null}
    </Box>
  );
}
