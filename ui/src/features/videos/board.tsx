import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";

import { usePoll } from "@/live/live-store";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";

import { titleOf } from "./columns";
import { columnQuery, GROUPS } from "./list-queries";

const POLL_MS = 60_000;

/** A column for each place that a video can be at; the newest of each, however many there are of the others. */
export default function Board({ channel }: { channel: string | null }) {
  return (
    <Box sx={{ display: "grid", gridTemplateColumns: `repeat(${String(GROUPS.length)}, minmax(200px, 1fr))`, gap: 4, flex: 1, minHeight: 0, overflow: "auto" }}>
      {GROUPS.map((group) => <Place key={group.name} group={group} channel={channel} />)}
    </Box>
  );
}

function Place({ group, channel }: { group: (typeof GROUPS)[number]; channel: string | null }) {
  const read = useQuery({ ...columnQuery(channel, group.statuses), refetchInterval: usePoll(POLL_MS) });
  const found = read.data?.items.filter((one) => group.statuses.includes(one.status));
  const more = typeof read.data?.next === "string";
  return (
    <Box component="section" aria-label={group.name} sx={{ display: "flex", flexDirection: "column", minHeight: 0, gap: 2 }}>
      <Typography variant="h3" component="h2">
        {group.name} <Box component="span" data-figures sx={{ color: "text.secondary", fontWeight: 450 }}>{found === undefined ? "" : `${String(found.length)}${more ? "+" : ""}`}</Box>
      </Typography>
      <Box tabIndex={0} role="group" aria-label={`${group.name}, cards`} sx={{ display: "grid", gap: 2, overflow: "auto", alignContent: "start", gridAutoRows: "max-content", flex: 1, minHeight: 0, scrollbarGutter: "stable" }}>
        <QueryView query={read}>
          {() => (
            <>
              {found?.map((one) => (
                <Paper key={one.id} component={Link} to={`/videos/${one.id}`} sx={{ display: "grid", gap: 2, padding: 3, alignContent: "space-between", color: "inherit", textDecoration: "none", "&:hover": { borderColor: "text.secondary" } }}>
                  <Box sx={{ fontSize: 13, fontWeight: 560, lineHeight: 1.35, overflowWrap: "anywhere" }}>{titleOf(one)}</Box>
                  <Box sx={{ display: "flex", alignItems: "center", columnGap: 2, rowGap: 1, fontSize: 12, color: "text.secondary", flexWrap: "wrap" }}>
                    <StateChip state={one.status} />{one.channel}<When at={one.published_at ?? one.publish_at ?? one.created_at} />
                  </Box>
                </Paper>
              ))}
              {found?.length === 0 ? <Typography variant="caption" color="textSecondary">None now</Typography> : null}
              {more ? <Typography variant="caption" color="textSecondary">and older ones in the table</Typography> : null}
            </>
          )}
        </QueryView>
      </Box>
    </Box>
  );
}
