import Box from "@mui/material/Box";
import { Fragment } from "react";

import { Icon } from "@/parts/icon";
import { useNow } from "@/parts/use-now";

import { Axis } from "./axis";
import type { Lane } from "./lanes-of";
import { BarButton, type Drawn, MarkButton } from "./lane-parts";

const NAME = 132;
const ROW = 26;
const GROUPS: Record<Lane["group"], string> = { log: "Run", channel: "Channels", agent: "Agents", queue: "Queues" };

interface Parts {
  lanes: readonly Lane[];
  span: [number, number];
  /** A moment that is looked at; what came later is dimmed. */
  cursor: number;
  zoom: number;
  picked: string | null;
  onPick: (id: string) => void;
}

/** One lane per agent and queue over time: waits are hatched, work is filled, faults and recoveries are marked. */
export function Lanes({ lanes, span, cursor, zoom, picked, onPick }: Parts) {
  const [from, to] = span;
  const percent = (at: number) => Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100));
  const drawn: Drawn = { percent, picked, onPick, cursor };
  const now = useNow();
  const lines = [{ at: cursor, colour: "primary.main" }, ...(now > from && now < to ? [{ at: now, colour: "tone.waiting.ink" }] : [])];
  return (
    <Box role="group" aria-label="Lanes" tabIndex={0} sx={{ overflow: "auto", maxHeight: "46vh", "&:focus-visible": { outlineOffset: -2 } }}>
      <Box sx={{ display: "grid", gridTemplateColumns: `${String(NAME)}px minmax(0, 1fr)`, position: "relative" }} style={{ width: `${String(zoom * 100)}%` }}>
        <NameCell top />
        <Axis from={from} to={to} ticks={Math.round(8 * zoom)} />
        {lanes.map((lane, at) => (
          <Fragment key={lane.id}>
            {lanes[at - 1]?.group === lane.group ? null : <GroupRow name={GROUPS[lane.group]} />}
            <NameCell name={lane.name} />
            <Box sx={{ position: "relative", borderTop: 1, borderColor: "divider" }} style={{ height: lane.rows * ROW + 6 }}>
              {lane.bars.map((bar) => <BarButton key={bar.id} bar={bar} drawn={drawn} top={bar.row * ROW + 3} />)}
              {lane.marks.map((mark) => <MarkButton key={mark.id} mark={mark} drawn={drawn} />)}
              {lines.map(({ at: moment, colour }) => <Box key={colour} aria-hidden sx={{ position: "absolute", insetBlock: 0, width: "1px", backgroundColor: colour, opacity: 0.6, pointerEvents: "none" }} style={{ left: `${String(percent(moment))}%` }} />)}
            </Box>
          </Fragment>
        ))}
      </Box>
    </Box>
  );
}

function NameCell({ name = "", top = false }: { name?: string; top?: boolean }) {
  return (
    <Box title={name} sx={{ position: "sticky", insetInlineStart: 0, ...(top ? { insetBlockStart: 0 } : {}), zIndex: top ? 4 : 2, backgroundColor: "background.paper", borderTop: name ? 1 : 0, borderRight: 1, borderColor: "divider", paddingInline: 3, paddingTop: "6px", fontSize: 13, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>
      {name}
    </Box>
  );
}

function GroupRow({ name }: { name: string }) {
  return (
    <Box sx={{ gridColumn: "1 / -1", borderTop: 1, borderColor: "divider", backgroundColor: "background.default" }}>
      <Box component="span" sx={{ position: "sticky", insetInlineStart: 0, display: "inline-block", fontSize: 11, fontWeight: 620, color: "text.secondary", paddingInline: 3, lineHeight: "22px" }}>{name}</Box>
    </Box>
  );
}

const LEGEND = [
  ["hatched", "waited"],
  ["filled", "worked"],
] as const;

export function Legend() {
  return (
    <Box sx={{ display: "flex", gap: 4, alignItems: "center", fontSize: 12, color: "text.secondary" }}>
      {LEGEND.map(([look, word]) => (
        <Box key={word} component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 1.5 }}>
          <Box component="span" aria-hidden sx={{ width: 18, height: 10, borderRadius: 0.5, border: 1, borderColor: "text.secondary", background: look === "hatched" ? "repeating-linear-gradient(135deg, transparent 0 3px, var(--mui-palette-text-secondary) 3px 4px)" : "var(--mui-palette-text-secondary)" }} />
          {word}
        </Box>
      ))}
      <Box component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 1 }}><Box component="span" aria-hidden sx={{ width: 9, height: 9, transform: "rotate(45deg)", border: 1.5, borderColor: "text.secondary" }} />decided or planned</Box>
      <Box component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 1 }}><Icon name="alarm" sx={{ fontSize: 14 }} />fault</Box>
      <Box component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 1 }}><Icon name="check" sx={{ fontSize: 14 }} />recovery</Box>
    </Box>
  );
}
