import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";

import type { ActionView } from "@/api/schema";
import { Icon } from "@/parts/icon";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { plain } from "@/parts/words";

import type { Step } from "./use-handling";

const TONES = { done: "good", wanted: "waiting", failed: "trouble", reversed: "idle" } as const;

interface Parts {
  actions: readonly ActionView[];
  may: boolean;
  busy: boolean;
  onStep: (step: Step, action: string) => void;
}

/** Each thing that was done or is wanted, why, and the one click that takes it back. */
export function ActionList({ actions, may, busy, onStep }: Parts) {
  return (
    <Box sx={{ display: "grid", gap: 4 }}>
      {actions.map((one) => (
        <Box key={one.id} sx={{ display: "grid", gap: 1 }}>
          <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
            <Typography variant="h3" component="p" sx={{ flex: 1 }}>{plain(one.action)}: {one.target}</Typography>
            <StateChip state={one.status} tone={TONES[one.status]} />
          </Box>
          <Typography variant="body2">{one.why}</Typography>
          <Typography variant="caption" color="textSecondary">by {one.by} <When at={one.at} />{one.reversed_by ? `; taken back by ${one.reversed_by}` : ""}</Typography>
          {may ? (
            <Box sx={{ display: "flex", gap: 2 }}>
              {one.status === "done" && one.reversible ? <Button variant="outlined" startIcon={<Icon name="undo" />} disabled={busy} onClick={() => { onStep("reverse", one.id); }}>{one.reversal ? `Take back: ${plain(one.reversal)}` : "Take back"}</Button> : null}
              {one.status === "wanted" || one.status === "failed" ? <Button variant="contained" disabled={busy} onClick={() => { onStep("carry-out", one.id); }}>Do it</Button> : null}
            </Box>
          ) : null}
        </Box>
      ))}
    </Box>
  );
}
