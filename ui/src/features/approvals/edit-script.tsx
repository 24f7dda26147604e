import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import { useQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";

import { scriptQuery } from "@/api/queries";
import type { ScriptView } from "@/api/schema";
import { ForeseenLine, useForeseen } from "@/parts/foreseen";
import { QueryView } from "@/parts/query-view";
import { useScriptDraft } from "@/parts/script-draft";
import { ScriptFields } from "@/parts/script-fields";

interface Parts {
  video: string;
  onSend: (args: Record<string, unknown>) => void;
  onClose: () => void;
}

export function EditScript({ video, ...rest }: Parts) {
  const script = useQuery(scriptQuery(video));
  return (
    <QueryView query={script} loading={<DialogContent sx={{ height: 320 }} />}>
      {(data) => data.editable ? <Sentences key={data.digest} video={video} script={data} {...rest} /> : <DialogContent><Alert severity="info" variant="outlined">The script cannot be changed now: {data.why_not}.</Alert></DialogContent>}
    </QueryView>
  );
}

function Sentences({ video, script, onSend, onClose }: Parts & { script: ScriptView }) {
  const editing = useScriptDraft(script);
  const foreseen = useForeseen(video, editing);
  const ready = editing.differs && editing.whole;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onSend({ script: editing.draft });
  };
  return (
    <form onSubmit={submit} style={{ display: "contents" }}>
      <DialogContent sx={{ display: "grid", gap: 5 }}>
        <ScriptFields editing={editing} again={new Set(foreseen.data?.sentences)} />
      </DialogContent>
      <DialogActions sx={{ padding: 4, gap: 2 }}>
        <ForeseenLine foreseen={foreseen} editing={editing} />
        <Button color="inherit" onClick={onClose}>Leave it</Button>
        <Button type="submit" variant="contained" disabled={!ready}>Change it</Button>
      </DialogActions>
    </form>
  );
}
