import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";

import type { ApprovalDetail, Check } from "@/api/schema";
import { Film } from "@/parts/film";
import { Icon } from "@/parts/icon";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { plain } from "@/parts/words";

import { type Listing, listingOf, scriptOf, type Thumbnail, thumbnailsOf } from "./evidence-shape";
import { ScriptBesideSources } from "./script-beside-sources";
import { UnderstoodPanel } from "./understood-panel";

/** Everything that speaks for and against it. */
export function Evidence({ approval }: { approval: ApprovalDetail }) {
  const { evidence } = approval;
  const script = scriptOf(evidence);
  const listing = listingOf(evidence);
  return (
    <Box sx={{ display: "grid", gap: 6, padding: 6, maxWidth: 1080, marginInline: "auto" }}>
      <Typography variant="h1">{listing?.title ?? script?.title ?? approval.title ?? approval.topic}</Typography>
      {evidence.missing.length > 0 ? <Alert severity="warning" variant="outlined">Some of it cannot be read: {evidence.missing.join("; ")}. You would decide without having seen that.</Alert> : null}
      <Before approval={approval} />
      {approval.gate === "video" && approval.video !== null ? <Film video={approval.video} /> : null}
      {listing === null ? null : <Described listing={listing} />}
      {script === null ? null : <ScriptBesideSources script={script} />}
      <Thumbnails thumbnails={thumbnailsOf(evidence)} chosen={evidence.chosen_thumbnail} />
      {evidence.checks.length === 0 ? null : <Checks checks={evidence.checks} />}
    </Box>
  );
}

/** What was said before: what became of an answer in words, and what others propose. */
function Before({ approval: { understood, said } }: { approval: ApprovalDetail }) {
  return (
    <>
      {understood === null ? null : <UnderstoodPanel understood={understood} />}
      {said.map((one) => (
        <Alert key={one.id} severity="info" variant="outlined">{one.kind === "acceptance" ? "Accepted first" : "Proposed"} by {one.by} <When at={one.created_at} />: {told(one.decision)}</Alert>
      ))}
    </>
  );
}

function Described({ listing }: { listing: Listing }) {
  return (
    <Box component="section" aria-label="Listing">
      <Typography variant="h3" component="h3" gutterBottom>Description</Typography>
      <Typography variant="body2" sx={{ whiteSpace: "pre-wrap", maxHeight: 160, overflow: "auto" }} tabIndex={0}>{listing.description}</Typography>
      <Typography variant="caption" color="textSecondary">{listing.tags.join(", ")}</Typography>
    </Box>
  );
}

function Thumbnails({ thumbnails, chosen }: { thumbnails: readonly Thumbnail[]; chosen: number | null }) {
  if (thumbnails.length === 0) return null;
  return (
    <Box component="section" aria-label="Thumbnails">
      <Typography variant="h3" component="h3" gutterBottom>Thumbnails</Typography>
      <Box sx={{ display: "grid", gridTemplateColumns: "repeat(3, 1fr)", gap: 3 }}>
        {thumbnails.map((one, at) => (
          <Box component="figure" key={one.url} sx={{ margin: 0 }}>
            <Box component="img" src={one.url} alt={`${one.concept}: ${one.text}`} loading="lazy" sx={{ width: "100%", aspectRatio: "16 / 9", objectFit: "cover", borderRadius: 1, display: "block", outline: at === chosen ? "2px solid" : "none", outlineColor: "primary.main", outlineOffset: 2, backgroundColor: "action.hover" }} />
            <Typography variant="caption" component="figcaption" color="textSecondary">{at === chosen ? "Chosen: " : ""}{plain(one.concept)}, heuristic score {one.score.toFixed(2)}</Typography>
          </Box>
        ))}
      </Box>
    </Box>
  );
}

function told(decision: Record<string, unknown>): string {
  const words = typeof decision["args"] === "string" ? `, "${decision["args"]}"` : "";
  return `${String(decision["type"])}${words}`;
}

function Checks({ checks }: { checks: readonly Check[] }) {
  const sorted = [...checks].sort((one, other) => Number(one.passed) - Number(other.passed));
  return (
    <Box component="section" aria-label="Checks">
      <Typography variant="h3" component="h3" gutterBottom>Checks</Typography>
      <Box component="table" sx={{ width: "100%", borderCollapse: "collapse", fontSize: 13, "& td, & th": { textAlign: "start", padding: "6px 8px", borderTop: 1, borderColor: "divider" }, "& th": { color: "text.secondary", fontWeight: 560 } }}>
        <thead><tr><th scope="col">Check</th><th scope="col">Measured</th><th scope="col">Limit</th><th scope="col">Verdict</th></tr></thead>
        <tbody>
          {sorted.map((one) => (
            <tr key={`${one.stage} ${one.name}`}>
              <td>{plain(one.name)}</td><td>{one.measured}</td><td>{one.limit}</td>
              <td>{one.passed ? <Box component="span" sx={{ display: "inline-flex", alignItems: "center", gap: 1, color: "tone.good.ink" }}><Icon name="check" sx={{ fontSize: 15 }} />passed</Box> : <StateChip state="failed" word={one.severity === "block" ? "failed" : "noted"} tone={one.severity === "block" ? "trouble" : "waiting"} />}</td>
            </tr>
          ))}
        </tbody>
      </Box>
    </Box>
  );
}
