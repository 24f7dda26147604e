import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";

import { EmptyView } from "@/parts/empty-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";

import { filesQuery } from "./queries";

/** What there is by now, to look at or keep; what is gone says so. */
export function Files({ video }: { video: string }) {
  const files = useQuery(filesQuery(video));
  return (
    <Panel title="Files">
      <QueryView query={files}>
        {(data) => data.items.length === 0 ? <EmptyView icon="film" title="No file yet" /> : (
          <Box sx={{ display: "grid", gap: 2 }}>
            <Box sx={{ display: "grid", gridTemplateColumns: "repeat(2, 1fr)", gap: 2 }}>
              {data.items.filter((one) => one.kind === "thumbnail" && one.kept).map((one) => <Box key={one.digest} component="img" src={one.url} alt={one.name} loading="lazy" sx={{ width: "100%", aspectRatio: "16 / 9", objectFit: "cover", borderRadius: 1, backgroundColor: "action.hover" }} />)}
            </Box>
            {data.items.map((one) => one.kept ? <Link key={`${one.name} ${one.digest}`} href={one.url} download={one.name} variant="body2">{one.name}</Link> : <Typography key={`${one.name} ${one.digest}`} variant="body2" color="textSecondary">{one.name}: gone from the media store</Typography>)}
          </Box>
        )}
      </QueryView>
    </Panel>
  );
}
