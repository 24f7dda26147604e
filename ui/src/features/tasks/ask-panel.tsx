import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useState } from "react";

import { Panel } from "@/parts/panel";
import { useShortcuts } from "@/parts/shortcuts";

import { AskForm } from "./ask-form";
import { CallForm } from "./call-form";
import { InjectForm } from "./inject-form";
import { ReadyForm } from "./ready-form";

const KINDS = [["topic", "Topics"], ["sources", "From sources"], ["script", "A finished script"], ["ready", "A finished film"], ["agent", "One agent"], ["tool", "One tool"]] as const;
type Kind = (typeof KINDS)[number][0];

/** Asks for videos, about topics, from sources, of a finished script or film; or for the work of one agent or tool. */
export function AskPanel({ channel }: { channel: string | null }) {
  const [kind, setKind] = useState<Kind>("topic");
  useShortcuts("Tasks", KINDS.map(([value, word], at) => ({ keys: String(at + 1), does: `ask: ${word.toLowerCase()}`, run: () => { setKind(value); } })));
  return (
    <Panel
      title="Ask for something"
      aside={
        <ToggleButtonGroup size="small" exclusive value={kind} aria-label="What you have" onChange={(_, value: Kind | null) => { if (value !== null) setKind(value); }}>
          {KINDS.map(([value, word]) => <ToggleButton key={value} value={value}>{word}</ToggleButton>)}
        </ToggleButtonGroup>
      }
    >
      <FormOf key={kind} kind={kind} channel={channel} />
    </Panel>
  );
}

function FormOf({ kind, channel }: { kind: Kind; channel: string | null }) {
  if (kind === "topic") return <InjectForm channel={channel} />;
  if (kind === "ready") return <ReadyForm channel={channel} />;
  if (kind === "agent" || kind === "tool") return <CallForm kind={kind} channel={channel} />;
  return <AskForm kind={kind} channel={channel} />;
}
