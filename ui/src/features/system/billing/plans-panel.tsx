import Button from "@mui/material/Button";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useMutation } from "@tanstack/react-query";

import { answerOf, api, onceKey } from "@/api/client";
import type { PaymentsView, PlanView } from "@/api/schema";
import { Panel } from "@/parts/panel";
import { ProblemView } from "@/parts/problem-view";
import { StateChip } from "@/parts/state-chip";
import { useSession } from "@/session/session-store";

function told(limit: number | null): string {
  return limit === null ? "no limit" : new Intl.NumberFormat("en-US").format(limit);
}

/** Every plan; one that is for sale is paid for on a page of Stripe's. */
export function PlansPanel({ payments }: { payments: PaymentsView }) {
  const may = useSession((session) => session.permissions.has("payments:manage"));
  const order = useMutation({
    mutationFn: (plan: PlanView) => answerOf(api.POST("/v1/payments/checkout", { params: { header: { "idempotency-key": onceKey() } }, body: { plan: plan.id } })),
    onSuccess: (page) => { location.assign(page.url); },
  });
  return (
    <Panel title="Plans" flush>
      {order.error ? <ProblemView error={order.error} /> : null}
      <Table aria-label="Plans">
        <TableHead><TableRow><TableCell>Plan</TableCell><TableCell align="right">Channels</TableCell><TableCell align="right">Videos a month</TableCell><TableCell align="right">Autonomous hours a month</TableCell><TableCell align="right">Choose</TableCell></TableRow></TableHead>
        <TableBody>
          {payments.plans.map((plan) => (
            <TableRow key={plan.id}>
              <TableCell component="th" scope="row"><b>{plan.name}</b></TableCell>
              <TableCell align="right">{told(plan.channels)}</TableCell>
              <TableCell align="right">{told(plan.videos_per_month)}</TableCell>
              <TableCell align="right">{told(plan.autonomy_hours_per_month)}</TableCell>
              <TableCell align="right">
                {plan.id === payments.plan.id ? <StateChip state="ok" word="yours" /> : null}
                {plan.id !== payments.plan.id && plan.for_sale && may && payments.status === null ? <Button variant="outlined" disabled={order.isPending} aria-label={`Choose ${plan.name}`} onClick={() => { order.mutate(plan); }}>Choose</Button> : null}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      <Typography variant="caption" color="textSecondary" sx={{ display: "block", padding: 4 }}>{may ? "A plan counts when Stripe says that it is paid. Once you have one, it is changed on Stripe's page." : "An admin chooses the plan."}</Typography>
    </Panel>
  );
}
