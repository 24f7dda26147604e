import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect } from "react";
import { useBlocker } from "react-router-dom";

import { answerOf, api, type Versioned, versionedOf } from "@/api/client";
import { asProblem } from "@/api/problem";
import { scriptVersionQuery } from "@/api/queries";
import type { EditForeseen, ScriptView } from "@/api/schema";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { ForeseenLine, useForeseen } from "@/parts/foreseen";
import { type Editing, useScriptDraft } from "@/parts/script-draft";
import { ScriptFields } from "@/parts/script-fields";
import { toast } from "@/parts/toasts";

interface Parts {
  video: string;
  /** The script as it was when editing began. */
  base: Versioned<ScriptView>;
  onForeseen: (told: EditForeseen | undefined) => void;
  /** Taken, with where the first scene that is made again begins. */
  onTaken: (at: number) => void;
  onClose: () => void;
  onAnew: () => void;
}

/** The script's sentences in place: what saving makes again is told before, and a script that somebody else changed is not overwritten unasked. */
export function ScriptEditor({ video, base, onForeseen, onTaken, onClose, onAnew }: Parts) {
  const queries = useQueryClient();
  const editing = useScriptDraft(base.body);
  const foreseen = useForeseen(video, editing);
  const told = toldOf(editing, foreseen);
  useEffect(() => { onForeseen(told); }, [onForeseen, told]);
  const latest = useQuery(scriptVersionQuery(video));
  const theirs = latest.data !== undefined && latest.data.body.digest !== base.body.digest;
  const save = useMutation({
    mutationFn: async (over: boolean) => {
      const etag = over ? (await versionedOf(api.GET("/v1/videos/{video_id}/script", { params: { path: { video_id: video } } }))).etag : base.etag;
      return answerOf(api.PUT("/v1/videos/{video_id}/script", { params: { path: { video_id: video }, header: { "if-match": etag } }, body: editing.draft }));
    },
    onSuccess: () => {
      toast("success", "Taken. What changed is made again, and then asked about.");
      void queries.invalidateQueries({ queryKey: ["videos"] });
      void queries.invalidateQueries({ queryKey: ["approvals"] });
      onTaken(told?.scenes[0]?.start_s ?? 0);
    },
  });
  const unsaved = editing.differs && !save.isSuccess;
  const ready = unsaved && editing.whole && !save.isPending && !foreseen.isError;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) save.mutate(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && ready) save.mutate(false);
    if (event.key === "Escape" && !editing.differs) onClose();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Ctrl-Enter saves from within any field of the form
    <form onSubmit={submit} onKeyDown={onKeyDown} aria-label="Edit the script">
      <Box sx={{ display: "grid", gap: 5 }}>
        <Box sx={{ position: "sticky", top: 0, zIndex: 1, display: "flex", gap: 3, alignItems: "center", paddingBlock: 2, backgroundColor: "background.paper", borderBottom: 1, borderColor: "divider" }}>
          <ForeseenLine foreseen={foreseen} editing={editing} />
          <Button color="inherit" onClick={onClose}>{editing.differs ? "Throw it away" : "Leave it"}</Button>
          <Button type="submit" variant="contained" disabled={!ready} aria-keyshortcuts="Control+Enter">{save.isPending ? "Saving…" : "Save it"}</Button>
        </Box>
        <Notice refused={save.error} theirs={theirs} onMine={() => { save.mutate(true); }} onTheirs={onAnew} />
        <ScriptFields editing={editing} again={new Set(told?.sentences)} />
      </Box>
      <LeaveGuard unsaved={unsaved} />
    </form>
  );
}

/** What saving makes again, as far as it holds for what stands in the fields. */
function toldOf({ differs, whole }: Editing, foreseen: UseQueryResult<EditForeseen>): EditForeseen | undefined {
  return differs && whole && !foreseen.isError ? foreseen.data : undefined;
}

interface NoticeParts {
  refused: Error | null;
  theirs: boolean;
  onMine: () => void;
  onTheirs: () => void;
}

function Notice({ refused, theirs, onMine, onTheirs }: NoticeParts) {
  if (refused !== null) return <Refused error={refused} onMine={onMine} onTheirs={onTheirs} />;
  return theirs ? <Changed onTheirs={onTheirs} /> : null;
}

function Changed({ onTheirs }: { onTheirs: () => void }) {
  return <Alert severity="warning" variant="outlined" role="alert" action={<Button color="inherit" onClick={onTheirs}>Take theirs</Button>}>Somebody changed the script since you began. Yours is still here, and is not saved.</Alert>;
}

/** Why saving had no effect, where it was tried; what was written stays. */
function Refused({ error, onMine, onTheirs }: { error: unknown; onMine: () => void; onTheirs: () => void }) {
  const problem = asProblem(error);
  const isStale = problem.status === 412;
  const decided = problem.status === 409;
  return (
    <Alert
      severity={isStale || decided ? "warning" : "error"} variant="outlined" role="alert"
      action={isStale || decided ? <>{isStale ? <Button color="inherit" onClick={onMine}>Save mine over it</Button> : null}<Button color="inherit" onClick={onTheirs}>Take theirs</Button></> : undefined}
    >
      {isStale ? "Somebody changed the script since you began. Nothing was saved, and yours is still here." : decided ? `Somebody else was first: ${problem.message}. Nothing was saved, and yours is still here to copy.` : problem.message}
    </Alert>
  );
}

function LeaveGuard({ unsaved }: { unsaved: boolean }) {
  const blocker = useBlocker(unsaved);
  useEffect(() => {
    if (!unsaved) return undefined;
    const ask = (event: BeforeUnloadEvent) => { event.preventDefault(); };
    window.addEventListener("beforeunload", ask);
    return () => { window.removeEventListener("beforeunload", ask); };
  }, [unsaved]);
  if (blocker.state !== "blocked") return null;
  return <ConfirmDialog title="Leave without saving?" action="Throw it away" danger onConfirm={() => { blocker.proceed(); }} onClose={() => { blocker.reset(); }}>What you changed in the script is not saved.</ConfirmDialog>;
}
