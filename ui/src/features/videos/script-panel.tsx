import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Versioned } from "@/api/client";
import { asProblem } from "@/api/problem";
import { scriptVersionQuery } from "@/api/queries";
import type { EditForeseen, Player, ScriptView } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { Icon } from "@/parts/icon";
import { Panel } from "@/parts/panel";
import type { Playhead } from "@/parts/playhead";
import { QueryView } from "@/parts/query-view";
import { useShortcuts } from "@/parts/shortcuts";

import { ScriptEditor } from "./script-editor";
import { ScriptRead } from "./script-read";

interface Parts {
  video: string;
  may: boolean;
  player: Player | undefined;
  playhead: Playhead;
  onForeseen: (told: EditForeseen | undefined) => void;
  onTaken: (at: number) => void;
}

const NOTHING_SAID: Player["sentences"] = [];

/** The script beside its film: read along, or changed in place while a decision waits. */
export function ScriptPanel({ video, may, player, playhead, onForeseen, onTaken }: Parts) {
  const script = useQuery({ ...scriptVersionQuery(video), retry: false });
  const [base, setBase] = useState<Versioned<ScriptView> | null>(null);
  const editable = may && script.data?.body.editable === true;
  const begin = () => { if (editable && base === null) setBase(script.data ?? null); };
  const end = () => { onForeseen(undefined); setBase(null); };
  const anew = () => { end(); void script.refetch(); };
  useShortcuts("Video", editable && base === null ? [{ keys: "e", does: "edit the script", run: begin }] : []);
  if (script.isError && script.data === undefined) return <NoScript error={script.error} />;
  return (
    <Panel title="Script" aside={base !== null || script.data === undefined ? null : <Aside script={script.data.body} may={may} onEdit={begin} />}>
      {base === null ? (
        <QueryView query={script}>{(data) => <ScriptRead script={data.body} sentences={player?.sentences ?? NOTHING_SAID} playhead={playhead} />}</QueryView>
      ) : (
        <ScriptEditor key={base.body.digest} video={video} base={base} onForeseen={onForeseen} onTaken={(at) => { end(); onTaken(at); }} onClose={end} onAnew={anew} />
      )}
    </Panel>
  );
}

function Aside({ script, may, onEdit }: { script: ScriptView; may: boolean; onEdit: () => void }) {
  if (!script.editable) return <Typography variant="caption" color="textSecondary">{script.why_not}</Typography>;
  if (!may) return <Typography variant="caption" color="textSecondary">an operator or admin can change it</Typography>;
  return <Button startIcon={<Icon name="edit" />} onClick={onEdit} aria-keyshortcuts="e">Edit <Box component="kbd" aria-hidden sx={{ marginInlineStart: 2 }}>e</Box></Button>;
}

function NoScript({ error }: { error: unknown }) {
  const isLost = asProblem(error).code === "artifact_missing" || asProblem(error).code === "artifact_corrupt";
  return (
    <Panel title="Script">
      {isLost ? <EmptyView icon="edit" title="The script cannot be read">Its file is gone from the media store. Bring it back from a backup (docs/backups.md).</EmptyView> : <EmptyView icon="edit" title="There is no script yet">It appears here by itself once it is written.</EmptyView>}
    </Panel>
  );
}
