import Box from "@mui/material/Box";
import Tooltip from "@mui/material/Tooltip";

import type { AuditEvent } from "@/api/schema";
import { Icon } from "@/parts/icon";
import { VirtualList } from "@/parts/virtual-list";
import { When } from "@/parts/when";
import { Who } from "@/parts/who";

const ROW = 44;
/** A narrower window scrolls, since every column is evidence. */
const WIDTH = 1040;
const HIDE = { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" } as const;

/** What was done, one row each. */
export function AuditList({ events, onNearEnd }: { events: readonly AuditEvent[]; onNearEnd: () => void }) {
  return (
    <VirtualList items={events} label="What was done" rowHeight={ROW} idOf={(one) => String(one.id)} onNearEnd={onNearEnd}>
      {(one) => {
        const details = Object.entries(one.details).map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join("; ");
        return (
          <Box sx={{ height: ROW, paddingInline: 4, minWidth: WIDTH, display: "grid", gridTemplateColumns: "110px 200px 200px 240px 1fr 24px", gap: 3, alignItems: "center", fontSize: 13, borderBottom: 1, borderColor: "divider" }}>
            <Box sx={{ color: "text.secondary" }}><When at={one.at} /></Box>
            <Box sx={{ ...HIDE, fontWeight: 560 }}>{one.action}</Box>
            <Box sx={HIDE} title={one.actor}><Who id={one.actor} /></Box>
            <Box sx={HIDE} title={one.subject}>{one.subject === "" ? null : <Who id={one.subject} />}</Box>
            <Box sx={{ ...HIDE, color: "text.secondary" }} title={details}>{details}</Box>
            {one.seal === null ? <span /> : <Tooltip title={`Sealed as number ${String(one.seal)}`}><Box component="span" role="img" aria-label="sealed" sx={{ display: "flex", color: "text.secondary" }}><Icon name="shield" sx={{ fontSize: 16 }} /></Box></Tooltip>}
          </Box>
        );
      }}
    </VirtualList>
  );
}
