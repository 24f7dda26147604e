import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { artifactQuery } from "@/api/queries";
import type { Trace } from "@/api/schema";

import { LoadingView } from "./loading-view";
import { Json } from "./named-facts";
import { QueryView } from "./query-view";

/** What the agent saw when it began the step: kept by digest, read when it is asked for. */
export function SnapshotView({ run, trace, node, iteration }: { run: string; trace: Trace; node: string; iteration: number }) {
  const step = node.split(".")[0] ?? node;
  const found = trace.snapshots.find((one) => one.node === node && one.iteration === iteration) ?? trace.snapshots.find((one) => one.node === step && one.iteration === iteration);
  if (found === undefined) return <Box sx={{ fontSize: 12, color: "text.secondary" }}>No snapshot was taken at this step.</Box>;
  return <Snapshot key={found.artifact} run={run} digest={found.artifact} />;
}

function Snapshot({ run, digest }: { run: string; digest: string }) {
  const [wanted, setWanted] = useState(false);
  const snapshot = useQuery({ ...artifactQuery(run, digest), enabled: wanted });
  if (!wanted) return <Box><Button variant="outlined" onClick={() => { setWanted(true); }}>Show what it saw</Button></Box>;
  return <QueryView query={snapshot} loading={<LoadingView rows={1} height={96} />}>{(data) => <Json title="What it saw" value={data} open />}</QueryView>;
}
