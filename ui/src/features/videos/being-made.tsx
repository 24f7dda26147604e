import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import Link from "@mui/material/Link";
import { useQuery } from "@tanstack/react-query";
import { Link as RouterLink } from "react-router-dom";

import { traceQuery } from "@/api/queries";
import type { Trace } from "@/api/schema";
import { Panel } from "@/parts/panel";
import { plain } from "@/parts/words";

const POLL_MS = 3_000;
const UNDER_WAY = new Set(["running", "dispatched", "queued"]);

/** What its agents and tools do right now, and how far that is. */
export function BeingMade({ run }: { run: string }) {
  const trace = useQuery({ ...traceQuery(run), refetchInterval: POLL_MS });
  const job = latest(trace.data);
  return (
    <Panel title="Being made" aside={<Link component={RouterLink} to={`/runs/${run}`} variant="caption">Its run</Link>}>
      <Box sx={{ display: "grid", gap: 2, fontSize: 13 }}>
        <Box data-figures sx={{ display: "flex", gap: 3, minHeight: 20 }}>
          <Box component="span" sx={{ flex: 1 }}>{job === undefined ? "Between two steps" : `${plain(job.agent)}: ${plain(job.tool)}`}</Box>
          <Box component="span" sx={{ color: "text.secondary" }}>{job === undefined ? "" : job.state === "running" ? job.note : "waits for a worker"}</Box>
        </Box>
        <LinearProgress aria-label="How far this step is" {...(job?.state === "running" && job.progress > 0 ? { variant: "determinate" as const, value: job.progress * 100 } : {})} />
      </Box>
    </Panel>
  );
}

function latest(trace: Trace | undefined): Trace["jobs"][number] | undefined {
  const going = trace?.jobs.filter((one) => UNDER_WAY.has(one.state)) ?? [];
  return going.findLast((one) => one.state === "running") ?? going.at(-1);
}
