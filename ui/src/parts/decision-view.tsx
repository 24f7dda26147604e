import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";

import type { Trace } from "@/api/schema";

type Decision = Trace["decisions"][number];

function words(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

function numbers(value: unknown): [string, number][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).filter((one): one is [string, number] => typeof one[1] === "number").sort((one, other) => other[1] - one[1]);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What an agent asked itself, what it chose, why, and what else it could have chosen. */
export function DecisionView({ one }: { one: Decision }) {
  const { question, choice, reasons, scores, alternatives } = one.decision;
  const most = Math.max(...numbers(scores).map(([, value]) => Math.abs(value)), 0.001);
  const others = words(alternatives);
  return (
    <Box component="section" aria-label={`Decision: ${text(question)}`} sx={{ display: "grid", gap: 2, borderLeft: 3, borderColor: "primary.main", paddingInlineStart: 3 }}>
      <Typography variant="caption" color="textSecondary">{text(question) || "It decided"}</Typography>
      <Typography variant="body2" sx={{ fontWeight: 600 }}>{text(choice) || "nothing"}</Typography>
      {words(reasons).length === 0 ? null : <Box component="ul" sx={{ margin: 0, paddingInlineStart: 4.5, fontSize: 13 }}>{words(reasons).map((why) => <li key={why}>{why}</li>)}</Box>}
      {numbers(scores).map(([name, value]) => (
        <Box key={name} sx={{ display: "grid", gridTemplateColumns: "112px 1fr 44px", gap: 2, alignItems: "center", fontSize: 12 }}>
          <span>{name.replaceAll("_", " ")}</span>
          <Box aria-hidden sx={{ height: 6, borderRadius: 1, backgroundColor: "divider" }}><Box sx={{ height: "100%", borderRadius: 1, backgroundColor: "primary.main" }} style={{ width: `${String((Math.abs(value) / most) * 100)}%` }} /></Box>
          <Box component="span" sx={{ textAlign: "end" }}>{value.toFixed(2)}</Box>
        </Box>
      ))}
      {others.length === 0 ? null : <Typography variant="caption" color="textSecondary">It could have chosen: {others.join("; ")}</Typography>}
    </Box>
  );
}
