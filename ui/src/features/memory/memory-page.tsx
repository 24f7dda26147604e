import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "react-router-dom";

import { channelsQuery } from "@/api/queries";
import type { Provenance } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { useUi } from "@/session/ui-store";

import { ChangesPanel } from "./changes-panel";
import { Findings } from "./findings";
import { LessonsPanel } from "./lessons-panel";
import type { Asked, Kind } from "./queries";

const KINDS: readonly [Kind, string][] = [["topic", "Topics told"], ["script", "Scripts"], ["lesson", "Lessons"]];
const TRUTHS: readonly [Provenance, string][] = [["real", "Live"], ["demo", "Demo"], ["rehearsal", "Rehearsal"]];
const LONGEST = 1000;

/** What a channel remembers, by meaning; what it learned, and what that would change in it. */
export default function MemoryPage() {
  const only = useUi((ui) => ui.channel);
  const channels = useQuery(channelsQuery);
  const channel = only ?? channels.data?.items[0]?.id ?? "";
  const name = channels.data?.items.find((one) => one.id === channel)?.name ?? channel;
  const [provenance, setProvenance] = useState<Provenance>("real");
  const [kind, setKind] = useState<Kind>("topic");
  const [typed, setTyped] = useState("");
  const [sought, setSought] = useState("");
  const asked: Asked = { channel, q: sought, kind, provenance };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSought(typed.trim());
  };
  if (channels.isSuccess && channel === "") return <Page title="Memory"><EmptyView icon="memory" title="Nothing can be remembered yet" action={<Button component={Link} to="/channels" variant="outlined">See the channels</Button>}>Memory belongs to a channel, and there is none.</EmptyView></Page>;
  return (
    <Page
      title={channel === "" ? "Memory" : `Memory of ${name}`}
      actions={
        <ToggleButtonGroup size="small" exclusive value={provenance} aria-label="Kind of truth" onChange={(_, value: Provenance | null) => { if (value !== null) setProvenance(value); }}>
          {TRUTHS.map(([value, word]) => <ToggleButton key={value} value={value}>{word}</ToggleButton>)}
        </ToggleButtonGroup>
      }
    >
      <Panel title="What does it remember?">
        <Box component="form" role="search" aria-label="Search memory" onSubmit={submit} sx={{ display: "flex", gap: 3, alignItems: "center", marginBottom: 3 }}>
          <TextField label="Anything, in your words" value={typed} onChange={(event) => { setTyped(event.target.value); }} slotProps={{ htmlInput: { maxLength: LONGEST } }} />
          <ToggleButtonGroup size="small" exclusive value={kind} aria-label="What to search" onChange={(_, value: Kind | null) => { if (value !== null) setKind(value); }} sx={{ flexShrink: 0 }}>
            {KINDS.map(([value, word]) => <ToggleButton key={value} value={value}>{word}</ToggleButton>)}
          </ToggleButtonGroup>
          <Button type="submit" variant="contained" disabled={typed.trim() === "" || channel === ""} sx={{ height: 40 }}>Search</Button>
        </Box>
        <Findings asked={asked} />
      </Panel>
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" }, gap: 4, alignItems: "start" }}>
        <LessonsPanel channel={channel} provenance={provenance} />
        <ChangesPanel channel={channel} />
      </Box>
    </Page>
  );
}
