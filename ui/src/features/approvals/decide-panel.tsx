import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";

import type { ApprovalDetail } from "@/api/schema";
import type { Problem } from "@/api/problem";
import { Icon, type IconName } from "@/parts/icon";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { Who } from "@/parts/who";
import { absolute, money, plain } from "@/parts/words";

import { listingOf } from "./evidence-shape";

export interface Actions {
  accept: () => void;
  edit: () => void;
  respond: () => void;
  ignore: () => void;
}

interface Parts {
  approval: ApprovalDetail;
  actions: Actions;
  may: boolean;
  held: boolean;
  elsewhere: boolean;
  refused: Problem | undefined;
  limitUsd: number | null;
  onLookAgain: () => void;
}

/** What is asked, what it comes to, and the four answers. */
export function DecidePanel({ approval, actions, may, held, elsewhere, refused, limitUsd, onLookAgain }: Parts) {
  const { evidence, status } = approval;
  return (
    <Box component="aside" aria-label="Decision" sx={{ width: { md: 300 }, flexShrink: 0, border: 0, borderLeftWidth: { md: 1 }, borderTopWidth: { xs: 1, md: 0 }, borderColor: "divider", backgroundColor: "background.paper", overflow: "auto", padding: 5, display: "grid", gap: 5, alignContent: "start" }}>
      <Typography variant="h2">{approval.gate === "script" ? "Is the script good?" : "Ready to publish?"}</Typography>
      {refused ? <Refused problem={refused} onLookAgain={onLookAgain} /> : null}
      {elsewhere ? <Alert severity="info" variant="outlined">Another tab of yours is deciding it, and can still undo that.</Alert> : null}
      {status === "pending" ? null : (
        <Alert severity="info" variant="outlined">It was {status} by <Who id={approval.decided_by} />{approval.decided_at ? <> <When at={approval.decided_at} /></> : null}.</Alert>
      )}
      <Facts approval={approval} limitUsd={limitUsd} />
      <Box component="section" aria-label="Risks">
        <Typography variant="h3" gutterBottom>Risks</Typography>
        {evidence.risks.length === 0 ? <Typography variant="body2" color="textSecondary">None were found.</Typography> : (
          <Box component="ul" sx={{ margin: 0, paddingInlineStart: 4, fontSize: 13, display: "grid", gap: 1 }}>{evidence.risks.map((one) => <li key={one}>{one}</li>)}</Box>
        )}
      </Box>
      {may ? <Answers approval={approval} actions={actions} open={status === "pending" && !held} /> : <Alert severity="info" variant="outlined">You may look. An operator or admin decides.</Alert>}
    </Box>
  );
}

function Facts({ approval, limitUsd }: { approval: ApprovalDetail; limitUsd: number | null }) {
  const { evidence } = approval;
  const listing = listingOf(evidence);
  const passed = evidence.checks.filter((one) => one.passed).length;
  return (
    <Box component="dl" sx={{ display: "grid", gap: 2.5, margin: 0 }}>
      <Fact name="Channel">{approval.channel}</Fact>
      <Fact name="Kind"><StateChip state={approval.provenance} tone={approval.provenance === "real" ? "good" : "idle"} /></Fact>
      <Fact name="Waits since"><When at={approval.created_at} /></Fact>
      {approval.expires_at ? <Fact name="Counts as no"><When at={approval.expires_at} /></Fact> : null}
      {listing === null ? null : <Fact name="Shown">{listing.publish_at ? absolute(listing.publish_at) : "at once"}, {listing.privacy}</Fact>}
      <Fact name="Cost">{money(evidence.cost_usd)}{limitUsd === null ? "" : ` of ${money(limitUsd)}`}</Fact>
      {evidence.quality === null ? null : <Fact name="Quality (heuristic)">{evidence.quality.toFixed(2)}</Fact>}
      {evidence.checks.length === 0 ? null : <Fact name="Checks">{passed} of {evidence.checks.length} passed</Fact>}
      {approval.two_person ? <Fact name="Rule">two people must accept it</Fact> : null}
    </Box>
  );
}

function Answers({ approval: { config }, actions, open }: { approval: ApprovalDetail; actions: Actions; open: boolean }) {
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <Act label="Accept" letter="a" icon="check" onClick={actions.accept} disabled={!open || !config.allow_accept} primary />
      <Act label="Edit" letter="e" icon="edit" onClick={actions.edit} disabled={!open || !config.allow_edit} />
      <Act label="Respond in words" letter="r" icon="reply" onClick={actions.respond} disabled={!open || !config.allow_respond} />
      <Act label="Ignore" letter="x" icon="cross" onClick={actions.ignore} disabled={!open || !config.allow_ignore} />
    </Box>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Box sx={{ display: "flex", gap: 3, fontSize: 13, alignItems: "baseline" }}>
      <Box component="dt" sx={{ width: 108, flexShrink: 0, color: "text.secondary" }}>{name}</Box>
      <Box component="dd" sx={{ margin: 0, minWidth: 0, overflowWrap: "anywhere" }}>{children}</Box>
    </Box>
  );
}

function Act({ label, letter, icon, onClick, disabled, primary }: { label: string; letter: string; icon: IconName; onClick: () => void; disabled: boolean; primary?: boolean }) {
  return (
    <Button variant={primary ? "contained" : "outlined"} color={primary ? "primary" : "inherit"} startIcon={<Icon name={icon} />} onClick={onClick} disabled={disabled} aria-keyshortcuts={letter} sx={{ justifyContent: "flex-start", height: 36, ...(primary ? {} : { borderColor: "divider" }) }}>
      <Box component="span" sx={{ flex: 1, textAlign: "start" }}>{label}</Box>
      <Box component="kbd" aria-hidden sx={primary ? { color: "inherit !important", borderColor: "currentColor !important" } : {}}>{letter}</Box>
    </Button>
  );
}

/** Why a decision had no effect, where it was made. */
function Refused({ problem, onLookAgain }: { problem: Problem; onLookAgain: () => void }) {
  const { code, details } = problem;
  const at = typeof details["decided_at"] === "string" ? details["decided_at"] : null;
  if (code === "approval_decided") {
    return <Alert severity="warning" variant="outlined" role="alert">It was decided elsewhere first: {plain(String(details["state"]))} by <Who id={String(details["decided_by"])} />{at ? <> <When at={at} /></> : null}. Your decision had no effect.</Alert>;
  }
  if (code === "manifest_changed") {
    return <Alert severity="warning" variant="outlined" role="alert" action={<Button color="inherit" onClick={onLookAgain}>Look again</Button>}>It changed since you looked. Nothing was decided; look at what is there now.</Alert>;
  }
  return <Alert severity="error" variant="outlined" role="alert" action={<Button color="inherit" onClick={onLookAgain}>Look again</Button>}>{problem.message}</Alert>;
}
