import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useNavigate } from "react-router-dom";

import { answerOf, api, onceKey } from "@/api/client";
import { channelsQuery } from "@/api/queries";
import type { PersonalityView } from "@/api/schema";
import { type Autonomy, AutonomyChoice, DEGREES } from "@/parts/autonomy-choice";
import { BudgetField, usdOf } from "@/parts/budget-field";
import { EmptyView } from "@/parts/empty-view";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { PersonalityCards } from "@/parts/personality-cards";
import { PersonalitySample } from "@/parts/personality-sample";
import { ProblemView } from "@/parts/problem-view";
import { QueryView } from "@/parts/query-view";
import { toast } from "@/parts/toasts";
import { count, money, plain } from "@/parts/words";
import { useSession } from "@/session/session-store";

import { personalitiesQuery } from "./queries";

/** A further channel: who speaks, who decides, what it may spend; what comes of that is seen before it is made. */
export default function NewChannelPage() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayCreate = useSession((session) => session.permissions.has("channels:create"));
  const [chosen, setChosen] = useState<string | null>(null);
  const [autonomy, setAutonomy] = useState<Autonomy>("review");
  const [budget, setBudget] = useState("3");
  const [key, setKey] = useState(onceKey);
  const personalities = useQuery(personalitiesQuery);
  const channels = useQuery(channelsQuery);
  const usd = usdOf(budget);
  const taken = new Set(channels.data?.items.map((one) => one.personality));
  const free = personalities.data?.items.filter((one) => !taken.has(one.id)) ?? [];
  const create = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/channels", { body: { personality: chosen ?? "", autonomy, budget_day_usd: usd }, params: { header: { "idempotency-key": key } } })),
    onSuccess: async (channel) => {
      await queries.invalidateQueries({ queryKey: ["channels"] });
      toast("success", `${channel.name} is made. Set when it publishes, and connect YouTube.`);
      void navigate(`/channels/${channel.id}`);
    },
    // What is sent next is another request.
    onError: () => { setKey(onceKey()); },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  if (!mayCreate) return <Page title="A new channel"><EmptyView icon="shield" title="An admin makes channels">Ask one of your studio; you can run a channel once it is there.</EmptyView></Page>;
  return (
    <Page title="A new channel" actions={<Button component={Link} to="/channels" color="inherit">All channels</Button>}>
      <Box component="form" onSubmit={submit} sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 320px" }, gap: 4, alignItems: "start" }}>
        <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
          <Panel title="1. Who speaks?">
            <QueryView query={personalities}>
              {() => (free.length === 0 ? <EmptyView icon="check" title="Every personality has its channel" /> : <PersonalityCards personalities={free} chosen={chosen} onChoose={setChosen} />)}
            </QueryView>
          </Panel>
          <Panel title="2. How much do you decide?"><AutonomyChoice value={autonomy} onChange={setAutonomy} /></Panel>
          <Panel title="3. What may it spend?"><BudgetField value={budget} onChange={setBudget} /></Panel>
        </Box>
        <Box sx={{ position: "sticky", top: 24, display: "grid", gap: 3 }}>
          <Panel title="What comes of it"><Preview one={free.find((some) => some.id === chosen)} autonomy={autonomy} usd={usd} /></Panel>
          {create.error ? <ProblemView error={create.error} /> : null}
          <Button type="submit" variant="contained" size="large" disabled={chosen === null || usd === undefined || create.isPending}>{create.isPending ? "Making it…" : "Make the channel"}</Button>
        </Box>
      </Box>
    </Page>
  );
}

function Preview({ one, autonomy, usd }: { one: PersonalityView | undefined; autonomy: Autonomy; usd: number | null | undefined }) {
  if (one === undefined) return <Typography variant="body2" color="textSecondary">Choose who speaks, and this says what the channel will do.</Typography>;
  return (
    <Box aria-live="polite" sx={{ display: "grid", gap: 2 }}>
      <Typography variant="h2" component="p">{one.name}</Typography>
      <PersonalitySample one={one} />
      <Typography variant="body2">{count(one.cadence_per_week, "video")} a week about {plain(one.niche)}, in {one.language}: {one.tone.join(", ")}.</Typography>
      <Typography variant="body2">{DEGREES.find(([degree]) => degree === autonomy)?.slice(1).join(": ")}.</Typography>
      <Typography variant="body2">{usd === null || usd === undefined ? "Only the studio's own limits bound what it spends." : `It spends at most ${money(usd)} in a UTC day.`}</Typography>
      <Typography variant="caption" color="textSecondary">Until YouTube is connected, its videos stay in this studio's library.</Typography>
    </Box>
  );
}
