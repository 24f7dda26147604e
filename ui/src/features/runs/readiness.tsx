import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";

import { answerOf, api } from "@/api/client";
import { asProblem } from "@/api/problem";
import { EmptyView } from "@/parts/empty-view";
import { ProblemView } from "@/parts/problem-view";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { plain } from "@/parts/words";
import { useSession } from "@/session/session-store";

import type { Lacking } from "./start-form";

const POLL_MS = 30_000;

/** What keeps it from starting, each with its fix; before that, what the watchdog says of the studio. */
export function Readiness({ error, lacking }: { error: unknown; lacking: readonly Lacking[] }) {
  const may = useSession((session) => session.permissions.has("metrics:read"));
  if (error !== null) return <Refused error={error} lacking={lacking} />;
  if (!may) return <EmptyView icon="shield" title="It is looked at when you start">Whatever lacks is told here, each with its fix, and nothing is begun.</EmptyView>;
  return <Findings />;
}

function Refused({ error, lacking }: { error: unknown; lacking: readonly Lacking[] }) {
  const run = asProblem(error).details["run"];
  if (lacking.length === 0) {
    return (
      <Box sx={{ display: "grid", gap: 3 }}>
        <ProblemView error={error} title="It did not start" />
        {typeof run === "string" ? <Link to={`/runs/autonomous/${run}`} style={{ fontSize: 14, color: "inherit" }}>Look at the run that works there</Link> : null}
      </Box>
    );
  }
  return (
    <Box role="alert" sx={{ display: "grid", gap: 3 }}>
      <Typography variant="body2"><b>It did not start, and nothing was begun.</b> Mend this and start again:</Typography>
      {lacking.map((one) => (
        <Box key={`${one.field} ${one.said}`} sx={{ display: "grid", gap: 1, borderInlineStart: 3, borderColor: "tone.trouble.ink", paddingInlineStart: 3 }}>
          <Typography variant="body2"><b>{plain(one.field)}</b>: {one.said}</Typography>
          {one.fix ? <Typography variant="body2" color="textSecondary">{one.fix}</Typography> : null}
        </Box>
      ))}
    </Box>
  );
}

function Findings() {
  const health = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => answerOf(api.GET("/v1/system/health", { signal })), refetchInterval: POLL_MS });
  return (
    <QueryView query={health}>
      {(data) => {
        if (data.findings.length === 0) return <EmptyView icon="clock" title="Nothing was looked at yet">The watchdog looks within a minute of the start of the studio. All that a run needs is looked at again when you start it.</EmptyView>;
        const shown = [...data.findings].sort((one, other) => Number(one.status === "ok") - Number(other.status === "ok"));
        return (
          <Box sx={{ display: "grid", gap: 3 }}>
            {shown.map((one) => (
              <Box key={one.name} sx={{ display: "grid", gridTemplateColumns: "88px minmax(0, 1fr)", gap: 3, alignItems: "baseline" }}>
                <Box><StateChip state={one.status} /></Box>
                <Typography variant="body2"><b>{plain(one.name)}</b>: {one.said}{one.status !== "ok" && one.fix ? ` ${one.fix}` : ""}</Typography>
              </Box>
            ))}
            <Typography variant="caption" color="textSecondary">Channels, consents, budget, disk, quota, queues and providers are looked at once more when you start it.</Typography>
          </Box>
        );
      }}
    </QueryView>
  );
}
