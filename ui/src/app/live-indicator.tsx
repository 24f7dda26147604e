import Box from "@mui/material/Box";
import Tooltip from "@mui/material/Tooltip";

import type { LiveState } from "@/live/live-socket";
import { useLive } from "@/live/live-store";
import { CRAMPED, HIDDEN } from "@/parts/hidden";
import { useNow } from "@/parts/use-now";
import { absolute, duration } from "@/parts/words";
import type { Tone } from "@/theme/tokens";

const TOLD: Record<LiveState, { word: string; tone: Tone; means: string }> = {
  connecting: { word: "Connecting", tone: "idle", means: "The page is about to be told of changes as they happen." },
  live: { word: "Live", tone: "good", means: "Changes are shown as they happen." },
  reconnecting: { word: "Reconnecting", tone: "waiting", means: "The connection broke. What is missed meanwhile is read when it is back." },
  polling: { word: "Polling", tone: "waiting", means: "No live connection can be had now: the page asks every minute." },
};
const OLD_AFTER_S = 30;

/** Whether the page is told of changes, and how old it may be otherwise. */
export function LiveIndicator() {
  const { state, heardAt } = useLive();
  const now = useNow();
  const { word, tone, means } = TOLD[state];
  const age = heardAt === null ? null : (now - heardAt) / 1000;
  return (
    <Tooltip title={`${means}${heardAt === null ? "" : ` Last heard ${absolute(heardAt)}.`}`}>
      <Box component="span" role="status" tabIndex={0} sx={{ display: "inline-flex", alignItems: "center", gap: 2, fontSize: 13, color: "text.secondary", whiteSpace: "nowrap", borderRadius: 1 }}>
        <Box component="span" aria-hidden sx={{ width: 8, height: 8, borderRadius: "50%", backgroundColor: `tone.${tone}.ink`, ...(state === "live" ? {} : { outline: "2px solid", outlineColor: `tone.${tone}.wash` }) }} />
        <Box component="span" sx={{ [CRAMPED]: HIDDEN }}>{word}{age !== null && age > OLD_AFTER_S && state !== "live" ? `, ${duration(age)} old` : ""}</Box>
      </Box>
    </Tooltip>
  );
}
