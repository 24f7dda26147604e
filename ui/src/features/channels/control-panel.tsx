import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import Typography from "@mui/material/Typography";
import { type FormEvent, useId, useState } from "react";

import type { Versioned } from "@/api/client";
import type { ChannelView } from "@/api/schema";
import { AutonomyChoice } from "@/parts/autonomy-choice";
import { BudgetField, usdOf } from "@/parts/budget-field";
import { Panel } from "@/parts/panel";
import { toast } from "@/parts/toasts";
import { money, plain } from "@/parts/words";
import { useSession } from "@/session/session-store";

import { EditActions } from "./edit-actions";
import { StaleOrProblem } from "./stale-or-problem";
import { useChannelEdit } from "./use-channel-edit";

type Wish = { autonomy?: ChannelView["autonomy"]; budget?: string; two_person?: boolean };

/** What was typed, as far as it is not what the channel has already. */
function changeOf(wish: Wish, body: ChannelView) {
  const usd = wish.budget === undefined ? body.budget_day_usd : usdOf(wish.budget);
  return {
    ...(wish.autonomy === undefined || wish.autonomy === body.autonomy ? {} : { autonomy: wish.autonomy }),
    ...(wish.two_person === undefined || wish.two_person === body.two_person ? {} : { two_person: wish.two_person }),
    ...(usd === body.budget_day_usd ? {} : { budget_day_usd: usd }),
  };
}

function told(body: ChannelView): string {
  return `${plain(body.autonomy)}, ${body.budget_day_usd === null ? "no limit of its own" : `${money(body.budget_day_usd)} a day`}`;
}

/** How far the channel goes by itself, and what a day of it may cost. */
export function ControlPanel({ channel, mayEdit }: { channel: Versioned<ChannelView>; mayEdit: boolean }) {
  const { body, etag } = channel;
  const [wish, setWish] = useState<Wish>({});
  // What the person saw when they began: an edit by somebody else meanwhile is refused rather than overwritten.
  const [since, setSince] = useState<string | null>(null);
  const edit = useChannelEdit(body.id);
  const want = (more: Wish) => {
    setWish({ ...wish, ...more });
    setSince(since ?? etag);
  };
  const leave = () => {
    setWish({});
    setSince(null);
    edit.reset();
  };
  const save = (of: string) => {
    edit.mutate({ change: changeOf(wish, body), etag: of }, { onSuccess: () => { leave(); toast("success", `${body.name} is set.`); } });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save(since ?? etag);
  };
  const budget = wish.budget ?? (body.budget_day_usd === null ? "" : String(body.budget_day_usd));
  const changed = Object.keys(changeOf(wish, body)).length > 0;
  return (
    <Panel title="How far it goes by itself">
      <Box component="form" onSubmit={submit} sx={{ display: "grid", gap: 4 }}>
        <AutonomyChoice value={wish.autonomy ?? body.autonomy} onChange={(autonomy) => { want({ autonomy }); }} disabled={!mayEdit} />
        <RuleOfTwo now={body.two_person} wanted={wish.two_person ?? body.two_person} mayEdit={mayEdit} onChange={(two_person) => { want({ two_person }); }} />
        <BudgetField value={budget} onChange={(typed) => { want({ budget: typed }); }} disabled={!mayEdit} />
        <StaleOrProblem error={edit.error} now={told(body)} onMine={() => { save(etag); }} onTheirs={leave} />
        <EditActions word="Set it" mayEdit={mayEdit} changed={changed} good={usdOf(budget) !== undefined} busy={edit.isPending} onLeave={leave} />
      </Box>
    </Panel>
  );
}

/** Whoever runs a channel may ask for a second person; only an admin lets one person accept again. */
function RuleOfTwo({ now, wanted, mayEdit, onChange }: { now: boolean; wanted: boolean; mayEdit: boolean; onChange: (wanted: boolean) => void }) {
  const said = useId();
  const mayEnd = useSession((session) => session.permissions.has("users:manage"));
  const held = now && !mayEnd;
  return (
    <Box>
      <FormControlLabel
        control={<Switch size="small" checked={wanted} disabled={!mayEdit || held} onChange={(event) => { onChange(event.target.checked); }} slotProps={{ input: { "aria-describedby": said } }} />}
        label={<Typography variant="body2">Two people must accept a video before it is published</Typography>}
      />
      <Typography id={said} variant="caption" color="textSecondary" sx={{ display: "block" }}>
        {held ? "An admin can change this." : "It holds at once, also for what waits for a decision."}
      </Typography>
    </Box>
  );
}
