import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import InputAdornment from "@mui/material/InputAdornment";
import Radio from "@mui/material/Radio";
import RadioGroup from "@mui/material/RadioGroup";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router-dom";

import { answerOf, api, onceKey } from "@/api/client";
import type { NewChannel } from "@/api/schema";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { ProblemView } from "@/parts/problem-view";
import { QueryView } from "@/parts/query-view";
import { toast } from "@/parts/toasts";
import { useSession } from "@/session/session-store";

import { Findings } from "./findings";
import { PersonalityCards } from "./personality-cards";

type Autonomy = NonNullable<NewChannel["autonomy"]>;

const DEGREES: readonly [Autonomy, string][] = [
  ["manual", "Manual: you decide about each script and each video"],
  ["review", "Review: you decide about each video before it is published"],
  ["policy", "Policy: what passes every check is published, the rest asks you"],
  ["autonomous", "Autonomous: it works by itself, within its budget and the checks"],
];
const MOST_USD = 100_000;

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
  const usd = budget.trim() === "" ? null : Number(budget);
  const badBudget = usd !== null && !(usd >= 0 && usd <= MOST_USD);
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
          <QueryView query={personalities}>{(data) => <PersonalityCards personalities={data.items} chosen={chosen} onChoose={setChosen} />}</QueryView>
        </Panel>
        <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" }, gap: 4 }}>
          <Panel title="2. How much do you decide?">
            <RadioGroup aria-label="Degree of control" value={autonomy} onChange={(event) => { setAutonomy(event.target.value as Autonomy); }}>
              {DEGREES.map(([value, label]) => <FormControlLabel key={value} value={value} control={<Radio size="small" />} label={<Typography variant="body2">{label}</Typography>} />)}
            </RadioGroup>
          </Panel>
          <Panel title="3. What may it spend?">
            <TextField
              label="The most in one UTC day" value={budget} onChange={(event) => { setBudget(event.target.value); }} error={badBudget} sx={{ maxWidth: 320 }}
              helperText={badBudget ? `A number from 0 to ${MOST_USD.toLocaleString("en-US")}, or nothing for no limit of its own` : "A hard stop. Empty: only the studio's own limits count."}
              slotProps={{ htmlInput: { inputMode: "decimal" }, input: { startAdornment: <InputAdornment position="start">$</InputAdornment> } }}
            />
          </Panel>
        </Box>
        <Panel title="What works here"><Findings /></Panel>
        {create.error ? <ProblemView error={create.error} /> : null}
        <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
          <Button type="submit" variant="contained" size="large" disabled={chosen === null || badBudget || create.isPending}>{create.isPending ? "Making it…" : "Make the channel"}</Button>
          <Typography variant="caption" color="textSecondary">{chosen === null ? "Choose who speaks first." : "Everything here can be changed later."}</Typography>
        </Box>
      </Box>
    </Page>
  );
}
