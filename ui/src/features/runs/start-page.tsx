import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router-dom";

import { answerOf, api, onceKey } from "@/api/client";
import { asProblem } from "@/api/problem";
import { channelsQuery } from "@/api/queries";
import { EmptyView } from "@/parts/empty-view";
import { Icon } from "@/parts/icon";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { useShortcuts } from "@/parts/shortcuts";
import { toast } from "@/parts/toasts";
import { count, duration, money } from "@/parts/words";
import { useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

import { Readiness } from "./readiness";
import { StartFields } from "./start-fields";
import { bodyOf, EMPTY_FORM, isComplete, lackingOf, type StartForm } from "./start-form";
import { useReadiness } from "./use-readiness";

/** Starts an autonomous run: for how long, on which channels, for how much, by which policy; and says what keeps it from starting. */
export default function StartPage() {
  const may = useSession((session) => session.permissions.has("runs:start"));
  return (
    <Page title="Start an autonomous run">
      {may ? <Form /> : <EmptyView icon="shield" title="Your role does not start runs">This needs the permission runs:start. Operators and admins of the studio have it.</EmptyView>}
    </Page>
  );
}

function useStart(form: StartForm, key: string) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(api.POST("/v1/autonomous-runs", { body: bodyOf(form), params: { header: { "idempotency-key": key } } })),
    onSuccess: (run) => {
      void queries.invalidateQueries({ queryKey: ["autonomous-runs"] });
      void queries.invalidateQueries({ queryKey: ["waiting"] });
      toast("success", ["It runs.", ...run.notes].join(" "));
      void navigate(`/runs/autonomous/${run.run_id}`);
    },
  });
}

function Form() {
  const navigate = useNavigate();
  const only = useUi((ui) => ui.channel);
  const channels = useQuery(channelsQuery).data?.items ?? [];
  const [form, setForm] = useState<StartForm>({ ...EMPTY_FORM, channels: only === null ? [] : [only] });
  const [key, setKey] = useState(onceKey);
  const start = useStart(form, key);
  // Sent again as it is, it is the same request; changed, it is another.
  const change = (part: Partial<StartForm>) => {
    setForm({ ...form, ...part });
    setLive(false);
    start.reset();
    setKey(onceKey());
  };
  const many = form.channels.length || channels.filter((one) => !one.paused).length;
  const ready = isComplete(form) && many > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !start.isPending) start.mutate();
  };
  const back = () => { void navigate("/runs"); };
  useShortcuts("Start a run", [{ keys: "Escape", does: "back to the runs", run: back }]);
  const [live, setLive] = useState(false);
  const looked = useReadiness(form, live);
  const found = looked.isPlaceholderData ? [] : (looked.data?.problems ?? []);
  const lacking = start.error === null ? found : lackingOf(asProblem(start.error));
  return (
    <Box component="form" onSubmit={submit} sx={{ display: "grid", gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "minmax(0, 1.4fr) minmax(0, 1fr)" }, gap: 4, alignItems: "start" }}>
      <Box sx={{ display: "grid", gap: 4 }}>
        <StartFields form={form} channels={channels} lacking={lacking} onChange={change} />
        <Box sx={{ display: "flex", gap: 4, alignItems: "center" }}>
          <Button type="submit" variant="contained" size="large" disabled={!ready || start.isPending} startIcon={<Icon name="play" />}>{start.isPending ? "Looking whether all is there…" : "Start it"}</Button>
          <Button color="inherit" onClick={back}>Leave it</Button>
          <Typography variant="caption" color="textSecondary">{whatItDoes(form, many)}</Typography>
        </Box>
      </Box>
      <Panel title="What it needs"><Readiness error={start.error} lacking={lacking} complete={ready} looked={looked} onAskOutside={() => { setLive(true); }} /></Panel>
    </Box>
  );
}

function whatItDoes(form: StartForm, many: number): string {
  if (many === 0) return "No channel works now: make one, or let one go on.";
  if (!isComplete(form)) return "Mend the fields that are marked.";
  return `It makes and publishes by itself on ${count(many, "channel")} for ${duration(Number(form.hours) * 3600)}, and spends ${money(Number(form.budget))} at most.`;
}
