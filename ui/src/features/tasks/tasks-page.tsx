import Paper from "@mui/material/Paper";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useState } from "react";

import { Page } from "@/parts/page";
import { useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

import { AskPanel } from "./ask-panel";
import { DeadLetters } from "./dead-letters";
import type { Status } from "./queries";
import { TaskList } from "./task-list";

type Shown = Status | "all" | "dead";

const CHOICES: readonly [Shown, string][] = [["all", "All"], ["queued", "Queued"], ["planned", "Taken"], ["running", "Running"], ["done", "Done"], ["failed", "Failed"], ["dead", "Dead letters"]];

/** What was asked for, and what came of it. */
export default function TasksPage() {
  const channel = useUi((ui) => ui.channel);
  const may = useSession((session) => session.permissions.has("tasks:create"));
  const [shown, setShown] = useState<Shown>("all");
  return (
    <Page
      title="Tasks" fill
      actions={
        <ToggleButtonGroup size="small" exclusive value={shown} aria-label="Which tasks" onChange={(_, value: Shown | null) => { if (value !== null) setShown(value); }}>
          {CHOICES.map(([value, label]) => <ToggleButton key={value} value={value}>{label}</ToggleButton>)}
        </ToggleButtonGroup>
      }
    >
      {may ? <AskPanel channel={channel} /> : null}
      <Paper sx={{ flex: 1, minHeight: 240, display: "flex", overflow: "hidden" }}>
        {shown === "dead" ? <DeadLetters /> : <TaskList channel={channel} status={shown === "all" ? null : shown} />}
      </Paper>
    </Page>
  );
}
