import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import { Link } from "react-router-dom";

import type { VideoRow } from "@/api/schema";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";

import { GROUPS } from "./queries";

const SHOWN = 50;

/** A column for each place that a video can be at; the newest of each. */
export function Board({ items }: { items: readonly VideoRow[] }) {
  return (
    <Box sx={{ display: "grid", gridTemplateColumns: `repeat(${String(GROUPS.length)}, minmax(200px, 1fr))`, gap: 4, flex: 1, minHeight: 0 }}>
      {GROUPS.map((group) => {
        const found = items.filter((one) => group.statuses.includes(one.status));
        return (
          <Box key={group.name} component="section" aria-label={group.name} sx={{ display: "flex", flexDirection: "column", minHeight: 0, gap: 2 }}>
            <Typography variant="h3" component="h2">{group.name} <Box component="span" sx={{ color: "text.secondary", fontWeight: 450 }}>{found.length}</Box></Typography>
            <Box tabIndex={0} role="group" aria-label={`${group.name}, cards`} sx={{ display: "grid", gap: 2, overflow: "auto", alignContent: "start", flex: 1, minHeight: 0 }}>
              {found.slice(0, SHOWN).map((one) => (
                <Paper key={one.id} component={Link} to={`/videos/${one.id}`} sx={{ display: "grid", gap: 2, padding: 3, color: "inherit", textDecoration: "none", "&:hover": { borderColor: "text.secondary" } }}>
                  <Box sx={{ fontSize: 13, fontWeight: 560, lineHeight: 1.35 }}>{one.title || one.topic || "a topic is being found"}</Box>
                  <Box sx={{ display: "flex", alignItems: "center", gap: 2, fontSize: 12, color: "text.secondary", flexWrap: "wrap" }}>
                    <StateChip state={one.status} />{one.channel}<When at={one.published_at ?? one.publish_at ?? one.created_at} />
                  </Box>
                </Paper>
              ))}
              {found.length > SHOWN ? <Typography variant="caption" color="textSecondary">and {found.length - SHOWN} more in the table</Typography> : null}
            </Box>
          </Box>
        );
      })}
    </Box>
  );
}
