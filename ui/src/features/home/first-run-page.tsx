import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router-dom";

import { answerOf, api, onceKey } from "@/api/client";
import { type Autonomy, AutonomyChoice } from "@/parts/autonomy-choice";
import { BudgetField, usdOf } from "@/parts/budget-field";
import { EmptyView } from "@/parts/empty-view";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { PersonalityCards } from "@/parts/personality-cards";
import { PersonalitySample } from "@/parts/personality-sample";
import { ProblemView } from "@/parts/problem-view";
import { QueryView } from "@/parts/query-view";
import { toast } from "@/parts/toasts";
import { useSession } from "@/session/session-store";

import { Findings } from "./findings";

/** The first channel, in three decisions; everything else can be changed later. */
export default function FirstRunPage() {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayCreate = useSession((session) => session.permissions.has("channels:create"));
  const [chosen, setChosen] = useState<string | null>(null);
  const [autonomy, setAutonomy] = useState<Autonomy>("review");
  const [budget, setBudget] = useState("3");
  const [key] = useState(onceKey);
  const personalities = useQuery({ queryKey: ["personalities"], queryFn: ({ signal }) => answerOf(api.GET("/v1/personalities", { signal })), staleTime: Infinity });
  const usd = usdOf(budget);
  const create = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/channels", { body: { personality: chosen ?? "", autonomy, budget_day_usd: usd }, params: { header: { "idempotency-key": key } } })),
    onSuccess: async (channel) => {
      await queries.invalidateQueries({ queryKey: ["channels"] });
      toast("success", `${channel.name} is ready. Press Ctrl-K and type a topic for its first video.`);
      void navigate("/");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  if (!mayCreate) return <Page title="A first channel"><Typography>Only an admin makes channels; ask one of your studio.</Typography></Page>;
  return (
    <Page title="Your first channel">
      <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 4 }}>
        <Panel title="1. Who speaks?">
          <QueryView query={personalities}>
            {(data) => {
              const one = data.items.find((some) => some.id === chosen);
              return (
                <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 320px" }, gap: 4, alignItems: "start" }}>
                  <PersonalityCards personalities={data.items} chosen={chosen} onChoose={setChosen} />
                  <Box aria-live="polite" sx={{ position: "sticky", top: 24 }}>
                    {one === undefined ? <EmptyView icon="user" title="Choose one, and see and hear it">Its look and its voice are made by the tools that make its videos.</EmptyView> : <PersonalitySample one={one} />}
                  </Box>
                </Box>
              );
            }}
          </QueryView>
        </Panel>
        <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" }, gap: 4 }}>
          <Panel title="2. How much do you decide?">
            <AutonomyChoice value={autonomy} onChange={setAutonomy} />
          </Panel>
          <Panel title="3. What may it spend?">
            <BudgetField value={budget} onChange={setBudget} />
          </Panel>
        </Box>
        <Panel title="What works here"><Findings /></Panel>
        {create.error ? <ProblemView error={create.error} /> : null}
        <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
          <Button type="submit" variant="contained" size="large" disabled={chosen === null || usd === undefined || create.isPending}>{create.isPending ? "Making it…" : "Make the channel"}</Button>
          <Typography variant="caption" color="textSecondary">{chosen === null ? "Choose who speaks first." : "Everything here can be changed later."}</Typography>
        </Box>
      </Box>
    </Page>
  );
}
