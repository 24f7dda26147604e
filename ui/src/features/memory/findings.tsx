import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import { useQuery } from "@tanstack/react-query";
import { Link as RouterLink } from "react-router-dom";

import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { QueryView } from "@/parts/query-view";

import { type Asked, searchQuery } from "./queries";

/** What is nearest in meaning, best first. */
export function Findings({ asked }: { asked: Asked }) {
  const found = useQuery(searchQuery(asked));
  if (asked.q === "") return <EmptyView icon="search" title="Ask it">It finds what is near in meaning, not only in words: ask for &quot;colourful lakes&quot;, and it knows of the red one.</EmptyView>;
  return (
    <QueryView query={found} loading={<LoadingView rows={5} height={48} />}>
      {(data) =>
        data.items.length === 0 ? <EmptyView icon="memory" title="It remembers nothing of this kind">What is published is remembered after its last check, a week later.</EmptyView> : (
          <Box component="ol" sx={{ margin: 0, padding: 0, listStyle: "none", display: "grid", gap: 3, fontSize: 14 }}>
            {data.items.map((one) => (
              <Box component="li" key={one.id} sx={{ display: "grid", gridTemplateColumns: "52px 1fr auto", gap: 3, alignItems: "baseline" }}>
                <Box component="span" title="How near in meaning, of 100" sx={{ fontWeight: 600 }}>{Math.round(one.similarity * 100)}</Box>
                <Box sx={{ display: "-webkit-box", WebkitLineClamp: 3, WebkitBoxOrient: "vertical", overflow: "hidden" }}>{one.text}</Box>
                {one.video_id ? <Link component={RouterLink} to={`/videos/${one.video_id}`} sx={{ fontSize: 13 }}>its video</Link> : <span />}
              </Box>
            ))}
          </Box>
        )
      }
    </QueryView>
  );
}
