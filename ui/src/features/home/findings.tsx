import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import { EmptyView } from "@/parts/empty-view";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { plain } from "@/parts/words";

/** What the watchdog says of the studio, the worst first, each with its fix. */
export function Findings() {
  const health = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => answerOf(api.GET("/v1/system/health", { signal })), refetchInterval: 30_000 });
  return (
    <QueryView query={health}>
      {(data) => {
        if (data.findings.length === 0) return <EmptyView icon="clock" title="Nothing was looked at yet">The watchdog looks within a minute of the start. `ytempire doctor` says which providers have keys.</EmptyView>;
        const shown = [...data.findings].sort((one, other) => Number(one.status === "ok") - Number(other.status === "ok"));
        return (
          <Box sx={{ display: "grid", gap: 3 }}>
            {shown.map((one) => (
              <Box key={one.name} sx={{ display: "flex", gap: 3, alignItems: "baseline" }}>
                <Box sx={{ width: 96, flexShrink: 0 }}><StateChip state={one.status} /></Box>
                <Typography variant="body2"><b>{plain(one.name)}</b>: {one.said}{one.fix ? ` ${one.fix}` : ""}</Typography>
              </Box>
            ))}
          </Box>
        );
      }}
    </QueryView>
  );
}
