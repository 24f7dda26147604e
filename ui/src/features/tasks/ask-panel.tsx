import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useState } from "react";

import { Panel } from "@/parts/panel";
import { useShortcuts } from "@/parts/shortcuts";

import { AskForm } from "./ask-form";
import { InjectForm } from "./inject-form";

const KINDS = [["topic", "Topics"], ["sources", "From sources"], ["script", "A finished script"]] as const;
type Kind = (typeof KINDS)[number][0];

/** Asks for videos: about topics, from sources, or of a script that is written already. */
export function AskPanel({ channel }: { channel: string | null }) {
  const [kind, setKind] = useState<Kind>("topic");
  useShortcuts("Tasks", KINDS.map(([value, word], at) => ({ keys: String(at + 1), does: `ask for videos: ${word.toLowerCase()}`, run: () => { setKind(value); } })));
  return (
    <Panel
      title="Ask for videos"
      aside={
        <ToggleButtonGroup size="small" exclusive value={kind} aria-label="What you have" onChange={(_, value: Kind | null) => { if (value !== null) setKind(value); }}>
          {KINDS.map(([value, word]) => <ToggleButton key={value} value={value}>{word}</ToggleButton>)}
        </ToggleButtonGroup>
      }
    >
      {kind === "topic" ? <InjectForm channel={channel} /> : <AskForm key={kind} kind={kind} channel={channel} />}
    </Panel>
  );
}
