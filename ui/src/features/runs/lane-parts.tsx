import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import Tooltip from "@mui/material/Tooltip";

import { Icon } from "@/parts/icon";
import { absolute } from "@/parts/words";

import type { Bar, Mark } from "./lanes-of";

export interface Drawn {
  percent: (at: number) => number;
  picked: string | null;
  onPick: (id: string) => void;
  cursor: number;
}

const HEIGHT = 20;
const LATER = 0.28;

function hatch(ink: string): string {
  return `repeating-linear-gradient(135deg, transparent 0 3px, ${ink} 3px 4px)`;
}

/** A job or a production: its wait, then its work. */
export function BarButton({ bar, drawn, top }: { bar: Bar; drawn: Drawn; top: number }) {
  const { percent, picked, onPick, cursor } = drawn;
  const left = percent(bar.asked);
  const width = percent(bar.to) - left;
  const waited = bar.to === bar.asked ? 0 : ((bar.from - bar.asked) / (bar.to - bar.asked)) * 100;
  const ink = `var(--mui-palette-tone-${bar.tone}-ink)`;
  return (
    <Tooltip title={bar.label} disableInteractive>
      <ButtonBase
        data-bar={bar.id} aria-label={bar.label} aria-pressed={picked === bar.id} tabIndex={picked === bar.id ? 0 : -1} onClick={() => { onPick(bar.id); }}
        sx={{ position: "absolute", height: HEIGHT, minWidth: 5, borderRadius: "4px", overflow: "hidden", border: 1, borderColor: `tone.${bar.tone}.ink`, justifyContent: "flex-start", outline: picked === bar.id ? "2px solid var(--mui-palette-primary-main)" : "none", outlineOffset: 1, zIndex: picked === bar.id ? 1 : 0 }}
        style={{ left: `${String(left)}%`, width: `${String(width)}%`, top, opacity: bar.asked > cursor ? LATER : 1 }}
      >
        <Box component="span" aria-hidden sx={{ height: "100%", flexShrink: 0 }} style={{ width: `${String(waited)}%`, background: hatch(ink) }} />
        <Box component="span" aria-hidden sx={{ height: "100%", flex: 1, backgroundColor: `tone.${bar.tone}.wash`, display: "flex", alignItems: "center", paddingInline: "4px", fontSize: 11, lineHeight: 1, color: `tone.${bar.tone}.ink`, overflow: "hidden", whiteSpace: "nowrap" }}>
          {bar.attempts > 1 ? <b>×{bar.attempts}&nbsp;</b> : null}
          {width > 6 ? bar.label.split(/[,:]/)[0] : null}
        </Box>
      </ButtonBase>
    </Tooltip>
  );
}

/** A moment: a decision or a planned time as a diamond, a fault or a recovery by its icon. */
export function MarkButton({ mark, drawn }: { mark: Mark; drawn: Drawn }) {
  const { percent, picked, onPick, cursor } = drawn;
  const icon = mark.tone === "trouble" ? "alarm" : mark.tone === "good" ? "check" : mark.tone === "waiting" ? "hand" : null;
  const diamond = mark.shape === "decision" || icon === null;
  return (
    <Tooltip title={`${mark.label}; ${absolute(mark.at)}`} disableInteractive>
      <ButtonBase
        data-bar={mark.id} aria-label={mark.label} aria-pressed={picked === mark.id} tabIndex={picked === mark.id ? 0 : -1} onClick={() => { onPick(mark.id); }}
        sx={{ position: "absolute", top: 4, width: 24, height: 24, marginInlineStart: "-12px", borderRadius: "50%", color: `tone.${mark.tone}.ink`, zIndex: 1, outline: picked === mark.id ? "2px solid var(--mui-palette-primary-main)" : "none" }}
        style={{ left: `${String(percent(mark.at))}%`, opacity: mark.at > cursor ? LATER : 1 }}
      >
        {diamond ? <Box component="span" aria-hidden sx={{ width: 10, height: 10, transform: "rotate(45deg)", border: 2, borderColor: "currentColor", backgroundColor: "background.paper" }} /> : <Box component="span" aria-hidden sx={{ display: "flex", borderRadius: "50%", padding: "2px", backgroundColor: `tone.${mark.tone}.wash` }}><Icon name={icon} sx={{ fontSize: 15 }} /></Box>}
      </ButtonBase>
    </Tooltip>
  );
}
