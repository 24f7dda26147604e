import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { type NavigateFunction, useNavigate, useSearchParams } from "react-router-dom";

import { answerOf, api } from "@/api/client";
import type { PaymentsView, PlanView } from "@/api/schema";
import { toast, toastProblem } from "@/parts/toasts";
import { count } from "@/parts/words";

/** Stripe tells the service beside the page: mostly before the person is back, sometimes a moment later. */
export const asking = { everyMs: 2_000, times: 10 };
const ASKED = "payment";

/** Whoever comes back from Stripe's page is told what holds now; the address then is an ordinary one again. */
export function usePaymentReturn(): void {
  const [search, setSearch] = useSearchParams();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const came = search.get(ASKED);
  useEffect(() => {
    if (came === null) return;
    setSearch((before) => { before.delete(ASKED); return before; }, { replace: true });
    void tell(came, queries, navigate).catch((error: unknown) => { toastProblem(error); });
  }, [came, setSearch, queries, navigate]);
}

async function tell(came: string, queries: QueryClient, navigate: NavigateFunction): Promise<void> {
  const found = await standing(came === "done");
  queries.setQueryData(["payments"], found);
  const { plan, status, ends } = found;
  const billing = { label: "Billing", run: () => { void navigate("/system/billing"); } };
  if (came === "done" && status === null) toast("info", `Stripe has not said yet that it is paid. Your plan counts as soon as it does; until then it is ${plan.name}.`, billing);
  else if (came === "done") toast("success", `It is paid: your plan is ${plan.name} now, with ${allowed(plan)}.`, billing);
  else if (came === "left") toast("info", `Nothing was paid: your plan stays ${plan.name}.`, billing);
  else toast("info", `Your plan is ${plan.name}${ends ? ", and ends with its period" : ""}.`, billing);
}

async function standing(untilPaid: boolean): Promise<PaymentsView> {
  for (let tries = 1; ; tries += 1) {
    const found = await answerOf(api.GET("/v1/payments"));
    if (!untilPaid || found.status !== null || tries >= asking.times) return found;
    await new Promise((done) => setTimeout(done, asking.everyMs));
  }
}

function allowed({ channels, videos_per_month: videos, autonomy_hours_per_month: hours }: PlanView): string {
  const told = (limit: number | null, one: string) => (limit === null ? `${one}s without limit` : count(limit, one));
  return `${told(channels, "channel")}, ${told(videos, "video")} and ${told(hours, "autonomous hour")} a month`;
}
