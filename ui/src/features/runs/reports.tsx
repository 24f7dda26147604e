import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";

import { EmptyView } from "@/parts/empty-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { When } from "@/parts/when";
import { dayAndHour, plain } from "@/parts/words";

import { reportsQuery } from "./queries";

/** What the run reported each morning and at its end, the newest open. */
export function Reports({ id }: { id: string }) {
  const reports = useQuery(reportsQuery(id));
  return (
    <Panel title="Reports">
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
