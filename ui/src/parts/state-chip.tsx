import Box from "@mui/material/Box";

import type { Tone } from "@/theme/tokens";

import { Icon, type IconName } from "./icon";
import { plain } from "./words";

const ICONS: Record<Tone, IconName> = { running: "run", waiting: "hand", good: "check", trouble: "alarm", idle: "clock" };

/** What each state of every noun means to an operator. What is not named here rests. */
const TONES: Record<string, Tone> = {
  making: "running", running: "running", publishing: "running", stopping: "running", pulling_back: "running", planned: "running",
  pending: "waiting", waiting: "waiting", waiting_for_script: "waiting", waiting_for_video: "waiting", stuck: "trouble", acknowledged: "waiting", warning: "waiting", paused: "waiting",
  published: "good", scheduled: "good", accepted: "good", edited: "good", done: "good", resolved: "good", ok: "good",
  failed: "trouble", refused: "trouble", open: "trouble", critical: "trouble", expired: "trouble", broken: "trouble", urgent: "trouble",
};

export function toneOf(state: string): Tone {
  return TONES[state] ?? "idle";
}

/** A state as an icon and a word: never by colour alone. */
export function StateChip({ state, tone = toneOf(state), word = plain(state) }: { state: string; tone?: Tone; word?: string }) {
  return (
    <Box
      component="span"
      sx={(theme) => ({
        display: "inline-flex", alignItems: "center", gap: 1, height: 22, paddingInline: 2, borderRadius: "11px", fontSize: 12, fontWeight: 560, whiteSpace: "nowrap",
        color: (theme.vars ?? theme).palette.tone[tone].ink, backgroundColor: (theme.vars ?? theme).palette.tone[tone].wash,
      })}
    >
      <Icon name={ICONS[tone]} sx={{ fontSize: 14 }} />
      {word}
    </Box>
  );
}
