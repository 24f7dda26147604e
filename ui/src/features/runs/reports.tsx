import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";

import type { ReportFate } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { dayAndHour, plain } from "@/parts/words";
import type { Tone } from "@/theme/tokens";

import { reportsQuery } from "./queries";

/** What became of the newest report at an address. */
const FATES: Record<string, readonly [Tone, string]> = { waiting: ["running", "on its way"], sent: ["good", "sent"], failed: ["trouble", "not taken"] };

/** What the run reported each morning and at its end, the newest open, and where that is sent. */
export function Reports({ id, to }: { id: string; to: readonly ReportFate[] }) {
  const reports = useQuery(reportsQuery(id));
  return (
    <Panel title="Reports">
      {to.length === 0 ? null : <SentTo to={to} />}
      <QueryView query={reports}>
        {(data) => {
          const newest = [...data.items].sort((one, other) => other.created_at.localeCompare(one.created_at));
          if (newest.length === 0) return <EmptyView icon="clock" title="No report yet">One is written each morning in the run's zone, and one at its end.</EmptyView>;
          return (
            <Box sx={{ display: "grid", gap: 3 }}>
              {newest.map((one, at) => (
                <Box key={one.id} component="details" open={at === 0} sx={{ "& > summary": { cursor: "pointer", fontSize: 14, fontWeight: 560 } }}>
                  <summary>{plain(one.kind)} report, {dayAndHour(one.covers_from)} to {dayAndHour(one.covers_to)} (<When at={one.created_at} />)</summary>
                  <Box component="pre" tabIndex={0} aria-label={`${plain(one.kind)} report`} sx={{ margin: "8px 0 0", fontFamily: "inherit", fontSize: 14, lineHeight: 1.55, whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{one.text}</Box>
                </Box>
              ))}
            </Box>
          );
        }}
      </QueryView>
    </Panel>
  );
}

function SentTo({ to }: { to: readonly ReportFate[] }) {
  return (
    <Box component="ul" aria-label="Sent to, besides the studio's own addresses" sx={{ listStyle: "none", margin: 0, marginBlockEnd: 4, padding: 0, display: "grid", gap: 2, fontSize: 14 }}>
      {to.map(({ address, status, said }) => {
        const [tone, word] = FATES[status] ?? ["idle", status];
        return (
          <Box key={address} component="li" sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 2, overflowWrap: "anywhere" }}>
            <span>{address}</span>{" "}
            <StateChip state={status} tone={tone} word={word} />{" "}
            {said ? <Box component="span" sx={{ color: "text.secondary", fontSize: 13 }}>{said}</Box> : null}
          </Box>
        );
      })}
    </Box>
  );
}
