import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useState } from "react";

import type { RunEvent } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { Panel } from "@/parts/panel";
import { StateChip } from "@/parts/state-chip";
import { VirtualList } from "@/parts/virtual-list";
import { When } from "@/parts/when";

import { detailOf, sayingOf } from "./words";

const ROW = 48;
const idOf = (one: RunEvent) => `event:${String(one.seq)}`;
const nothing = () => undefined;

interface Parts {
  log: readonly RunEvent[];
  cursor: number | null;
  picked: string | null;
  onPick: (id: string) => void;
}

/** What happened, latest first, up to the moment that is looked at. */
export function Log({ log, cursor, picked, onPick }: Parts) {
  const [only, setOnly] = useState<"all" | "faults">("all");
  const shown = log.filter((one) => (cursor === null || new Date(one.at).getTime() <= cursor) && (only === "all" || ["trouble", "good", "waiting"].includes(sayingOf(one).tone))).reverse();
  return (
    <Panel
      title="What happened" flush
      aside={
        <ToggleButtonGroup size="small" exclusive value={only} aria-label="Which events" onChange={(_, value: "all" | "faults" | null) => { if (value !== null) setOnly(value); }}>
          <ToggleButton value="all">All</ToggleButton>
          <ToggleButton value="faults">Faults and recoveries</ToggleButton>
        </ToggleButtonGroup>
      }
    >
      {shown.length === 0 ? <EmptyView icon="clock" title={only === "faults" ? "No fault" : "Nothing yet"}>{cursor === null ? "Faults, recoveries, waits and endings are written down here as they happen." : "Nothing had happened by the moment that you look at."}</EmptyView> : (
        <Box sx={{ height: Math.min(8, shown.length) * ROW, display: "flex" }}>
          <VirtualList items={shown} label="What happened" rowHeight={ROW} idOf={idOf} chosen={picked ?? undefined} onNearEnd={nothing}>
            {(one) => <Entry one={one} picked={picked === idOf(one)} onPick={() => { onPick(idOf(one)); }} />}
          </VirtualList>
        </Box>
      )}
    </Panel>
  );
}

function Entry({ one, picked, onPick }: { one: RunEvent; picked: boolean; onPick: () => void }) {
  const said = sayingOf(one);
  return (
    <ButtonBase onClick={onPick} aria-pressed={picked} sx={{ display: "flex", width: "100%", height: ROW, gap: 3, paddingInline: 4, justifyContent: "flex-start", textAlign: "start", borderBottom: 1, borderColor: "divider", fontSize: 13, backgroundColor: picked ? "action.selected" : "transparent", "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 } }}>
      <StateChip state={one.kind} tone={said.tone} word={said.word} />
      <Box component="span" title={detailOf(one)} sx={{ flex: 1, minWidth: 0, color: "text.secondary", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{detailOf(one)}</Box>
      <Box component="span" sx={{ fontSize: 12, color: "text.secondary", flexShrink: 0 }}><When at={one.at} /></Box>
    </ButtonBase>
  );
}
