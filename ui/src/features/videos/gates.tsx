import Box from "@mui/material/Box";
import { useQueries, useQuery } from "@tanstack/react-query";

import { artifactQuery, traceQuery } from "@/api/queries";
import type { Trace } from "@/api/schema";
import { Icon } from "@/parts/icon";
import { Panel } from "@/parts/panel";
import { plain } from "@/parts/words";

interface Gate {
  name: string;
  passed: boolean;
  measured: string;
  limit: string;
  severity: string;
}

const REPORTS = ["inspection", "screening"] as const;

/** Every check that the film and its words went through: what was measured, against which limit. */
export function Gates({ run }: { run: string }) {
  const trace = useQuery(traceQuery(run));
  const digests = newest(trace.data);
  const gates = useQueries({ queries: digests.map((one) => artifactQuery(run, one)), combine: (answers) => answers.flatMap((one) => gatesOf(one.data)) });
  if (gates.length === 0) return null;
  const failing = gates.filter((one) => !one.passed);
  const passed = gates.filter((one) => one.passed);
  return (
    <Panel title="Checks" aside={<Box component="span" data-figures sx={{ fontSize: 12, color: "text.secondary" }}>{passed.length} of {gates.length} passed</Box>}>
      <Box sx={{ display: "grid", gap: 2 }}>
        {failing.map((one, at) => <Row key={at} gate={one} />)}
        {failing.length === 0 ? null : <Box sx={{ height: 1 }} />}
        <Box component="details" sx={{ "& > summary": { cursor: "pointer", fontSize: 13 } }}>
          <summary>What was measured</summary>
          <Box sx={{ display: "grid", gap: 2, marginTop: 2 }}>{passed.map((one, at) => <Row key={at} gate={one} />)}</Box>
        </Box>
      </Box>
    </Panel>
  );
}

function Row({ gate }: { gate: Gate }) {
  const tone = gate.passed ? "good" : gate.severity === "warn" ? "waiting" : "trouble";
  return (
    <Box data-figures sx={{ display: "grid", gridTemplateColumns: "16px 1fr", gap: 2, fontSize: 12 }}>
      <Box sx={{ color: `tone.${tone}.ink`, display: "flex" }}><Icon name={gate.passed ? "check" : "alarm"} sx={{ fontSize: 14 }} /></Box>
      <Box sx={{ overflowWrap: "anywhere" }}>
        <b>{plain(gate.name)}</b>{gate.passed ? "" : gate.severity === "warn" ? " (only warns)" : " (failed)"}: {gate.measured}<Box component="span" sx={{ color: "text.secondary" }}>; limit {gate.limit}</Box>
      </Box>
    </Box>
  );
}

function newest(trace: Trace | undefined): string[] {
  return REPORTS.flatMap((kind) => trace?.artifacts.findLast((one) => one.kind === kind)?.digest ?? []);
}

function gatesOf(body: unknown): Gate[] {
  const gates = typeof body === "object" && body !== null && "gates" in body ? body.gates : null;
  return Array.isArray(gates) ? gates.filter((one): one is Gate => typeof one === "object" && one !== null && "name" in one && "passed" in one) : [];
}
