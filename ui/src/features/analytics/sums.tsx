import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";

import { LoadingView } from "@/parts/loading-view";
import { QueryView } from "@/parts/query-view";
import { duration, plain } from "@/parts/words";

import { channelFiguresQuery, told } from "./queries";

/** What a channel comes to, over those publications only of which a figure is known. */
export function Sums({ channel }: { channel: string }) {
  const figures = useQuery(channelFiguresQuery(channel));
  return (
    <QueryView query={figures} loading={<LoadingView rows={1} height={96} />}>
      {(data) => (
        <Box component="dl" sx={{ margin: 0, display: "grid", gridTemplateColumns: "repeat(3, 1fr)", border: 1, borderColor: "divider", borderRadius: 1, backgroundColor: "background.paper" }}>
          {Object.entries(data.figures).map(([name, one]) => (
            <Box key={name} sx={{ padding: 4, borderLeft: 1, borderColor: "divider", "&:first-of-type": { borderLeft: 0 } }}>
              <Box component="dt" sx={{ fontSize: 12, color: "text.secondary" }}>{plain(name)}</Box>
              <Box component="dd" sx={{ margin: 0, fontSize: 26, fontWeight: 640, lineHeight: 1.3, letterSpacing: "-0.02em" }}>{told(name, one.value)}</Box>
              <Box component="dd" sx={{ margin: 0, fontSize: 12, color: "text.secondary" }}>
                {one.value === null ? one.why : `of ${String(one.known_of)} of the newest ${String(data.publications)}${one.age_s === null ? "" : `; up to ${duration(one.age_s)} old`}`}
              </Box>
            </Box>
          ))}
        </Box>
      )}
    </QueryView>
  );
}
