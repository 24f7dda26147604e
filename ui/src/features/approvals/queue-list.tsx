import Box from "@mui/material/Box";
import { Link } from "react-router-dom";

import type { ApprovalView } from "@/api/schema";
import { Icon } from "@/parts/icon";
import { VirtualList } from "@/parts/virtual-list";
import { When } from "@/parts/when";
import { count } from "@/parts/words";

import { isBeingDecided, useDecisions } from "./decisions";

interface Parts {
  items: readonly ApprovalView[];
  selected: string | undefined;
  onNearEnd: () => void;
}

const ROW = 60;
const idOf = (one: ApprovalView) => one.id;

/** What waits, in its order. */
export function QueueList({ items, selected, onNearEnd }: Parts) {
  return (
    <VirtualList items={items} label="What waits for you" rowHeight={ROW} idOf={idOf} chosen={selected} onNearEnd={onNearEnd}>
      {(one) => <Entry one={one} selected={one.id === selected} />}
    </VirtualList>
  );
}

function Entry({ one, selected }: { one: ApprovalView; selected: boolean }) {
  const held = useDecisions((state) => isBeingDecided(state, one.id));
  const refused = useDecisions((state) => state.refused.has(one.id));
  return (
    <Box
      component={Link} to={`/approvals/${one.id}`} aria-current={selected ? "true" : undefined} replace
      sx={{
        display: "flex", flexDirection: "column", justifyContent: "center", height: ROW, paddingInline: 4, gap: "2px", color: "inherit", textDecoration: "none", borderBottom: 1, borderColor: "divider",
        boxShadow: selected ? "inset 3px 0 0 var(--mui-palette-primary-main)" : "none", backgroundColor: selected ? "action.selected" : "transparent",
        "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 },
      }}
    >
      <Box sx={{ display: "flex", alignItems: "center", gap: 2 }}>
        <Box sx={{ flex: 1, minWidth: 0, fontSize: 14, fontWeight: held ? 450 : 560, color: held ? "text.secondary" : "inherit", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{one.title || one.topic}</Box>
        {refused ? <Icon name="alarm" titleAccess="not decided" sx={{ fontSize: 15, color: "tone.trouble.ink" }} /> : null}
      </Box>
      <Box sx={{ display: "flex", gap: 2, fontSize: 12, color: "text.secondary" }}>
        <span>{one.channel}</span>
        <span aria-hidden>·</span>
        <span>{held ? "being decided" : one.gate}</span>
        {one.risks ? <Box component="span" sx={{ color: "tone.waiting.ink", fontWeight: 560 }}>· {count(one.risks, "risk")}</Box> : null}
        {one.voices > 0 ? <span>· {one.voices} said</span> : null}
        <Box component="span" sx={{ marginInlineStart: "auto" }}><When at={one.created_at} /></Box>
      </Box>
    </Box>
  );
}
