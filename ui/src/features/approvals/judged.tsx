import Box from "@mui/material/Box";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answerOf, api } from "@/api/client";
import type { Answer, ApprovalDetail } from "@/api/schema";
import { ProblemView } from "@/parts/problem-view";
import { useShortcuts } from "@/parts/shortcuts";
import { useSession } from "@/session/session-store";

import { DecidePanel } from "./decide-panel";
import { forgetRefusal, hold, isBeingDecided, newestHeld, undo, useDecisions } from "./decisions";
import { EditDialog } from "./edit-dialog";
import { Evidence } from "./evidence";
import { JudgedSkeleton } from "./judged-skeleton";
import { RespondDialog } from "./respond-dialog";
import { useApproval } from "./use-queue";

/** One question with its evidence, and its decision. */
export function Judged({ id, gate, onDecided }: { id: string; gate: ApprovalDetail["gate"] | undefined; onDecided: () => void }) {
  const approval = useApproval(id);
  if (approval.data === undefined) {
    return approval.isError ? <Box sx={{ flex: 1, padding: 6 }}><ProblemView error={approval.error} onRetry={() => void approval.refetch()} /></Box> : <JudgedSkeleton gate={gate} />;
  }
  return <Question approval={approval.data} onDecided={onDecided} onLookAgain={() => { forgetRefusal(id); void approval.refetch(); }} />;
}

interface Parts {
  approval: ApprovalDetail;
  onDecided: () => void;
  onLookAgain: () => void;
}

function Question({ approval, onDecided, onLookAgain }: Parts) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState<"edit" | "respond" | null>(null);
  const may = useSession((session) => session.permissions.has("approvals:decide"));
  const mayLimits = useSession((session) => session.permissions.has("costs:read"));
  const held = useDecisions((state) => isBeingDecided(state, approval.id));
  const elsewhere = useDecisions((state) => state.elsewhere.has(approval.id));
  const newest = useDecisions((state) => newestHeld(state.held)?.approval.id);
  const refused = useDecisions((state) => state.refused.get(approval.id));
  const limits = useQuery({ queryKey: ["costs", "limits"], queryFn: ({ signal }) => answerOf(api.GET("/v1/cost-limits", { signal })), staleTime: 60_000, enabled: mayLimits });
  const open = may && approval.status === "pending" && !held;
  const decide = (answer: Omit<Answer, "manifest">) => {
    setAsking(null);
    hold(queries, approval, { ...answer, manifest: approval.manifest });
    onDecided();
  };
  const { config } = approval;
  const actions = {
    accept: () => { if (open && config.allow_accept) decide({ type: "accept" }); },
    edit: () => { if (open && config.allow_edit) setAsking("edit"); },
    respond: () => { if (open && config.allow_respond) setAsking("respond"); },
    ignore: () => { if (open && config.allow_ignore) decide({ type: "ignore" }); },
  };
  useShortcuts("This approval", [
    { keys: "a", does: "accept", run: actions.accept },
    { keys: "e", does: "edit", run: actions.edit },
    { keys: "r", does: "respond in words", run: actions.respond },
    { keys: "x", does: "ignore", run: actions.ignore },
    { keys: "u", does: "undo the newest decision", run: () => { if (newest !== undefined) undo(newest); } },
  ]);
  const limit = limits.data?.items.find((one) => one.limit === "video")?.usd ?? null;
  return (
    <>
      <Box component="section" aria-label="Evidence" tabIndex={0} sx={{ flex: { xs: "none", md: 1 }, minWidth: 0, overflow: { md: "auto" }, "&:focus-visible": { outlineOffset: -2 } }}><Evidence approval={approval} /></Box>
      <DecidePanel approval={approval} actions={actions} may={may} held={held} elsewhere={elsewhere} refused={refused} limitUsd={limit} onLookAgain={onLookAgain} />
      {asking === "edit" ? <EditDialog approval={approval} onClose={() => { setAsking(null); }} onSend={(args) => { decide({ type: "edit", args }); }} /> : null}
      {asking === "respond" ? <RespondDialog gate={approval.gate} onClose={() => { setAsking(null); }} onSend={(words) => { decide({ type: "response", args: words }); }} /> : null}
    </>
  );
}
