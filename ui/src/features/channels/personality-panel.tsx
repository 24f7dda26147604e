import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";

import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { PersonalitySample } from "@/parts/personality-sample";
import { QueryView } from "@/parts/query-view";
import { count, plain } from "@/parts/words";

import { personalitiesQuery } from "./queries";

/** Who speaks: what the channel began with, and what that looks and sounds like. */
export function PersonalityPanel({ id }: { id: string }) {
  const personalities = useQuery(personalitiesQuery);
  return (
    <Panel title="Who speaks">
      <QueryView query={personalities} loading={<LoadingView rows={1} height={104} />}>
        {(data) => {
          const one = data.items.find((some) => some.id === id);
          if (one === undefined) return <EmptyView icon="user" title={id}>This personality is no longer among those that ship; the channel keeps what it began with.</EmptyView>;
          return (
            <Box sx={{ display: "grid", gap: 2 }}>
              <Typography variant="h2" component="p">{one.name}</Typography>
              <Typography variant="body2">{one.tagline}</Typography>
              <Box component="dl" sx={{ display: "grid", gridTemplateColumns: "120px 1fr", gap: 1, margin: 0, fontSize: 13, "& dt": { color: "text.secondary" }, "& dd": { margin: 0 } }}>
                <dt>Speaks about</dt><dd>{plain(one.niche)}</dd>
                <dt>Sounds</dt><dd>{one.tone.join(", ")}</dd>
                <dt>Format</dt><dd>{plain(one.format)}, by itself {count(one.cadence_per_week, "video")} a week</dd>
                <dt>Language</dt><dd>{one.language}</dd>
              </Box>
              <PersonalitySample one={one} />
            </Box>
          );
        }}
      </QueryView>
    </Panel>
  );
}
