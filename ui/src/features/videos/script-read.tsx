import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";

import type { PassageView, Player, ScriptView } from "@/api/schema";
import { type Playhead, useAt } from "@/parts/playhead";
import { clock } from "@/parts/scrubber";
import { plain } from "@/parts/words";

type Spoken = Player["sentences"][number];

interface Parts {
  script: ScriptView;
  sentences: readonly Spoken[];
  playhead: Playhead;
}

/** The script by chapters, each sentence with what it stands on and under which licence; the one that is heard is marked, and each leads to its place in the film. */
export function ScriptRead({ script, sentences, playhead }: Parts) {
  const heard = useAt(playhead, sentences);
  const passages = new Map(script.passages.map((one) => [one.id, one]));
  const times = new Map(sentences.map((one) => [one.id, one]));
  return (
    <Box sx={{ display: "grid", gap: 5 }}>
      {script.beats.map((beat) => (
        <section key={beat.id} aria-label={beat.heading}>
          <Typography variant="h3" gutterBottom>{beat.heading}</Typography>
          {beat.sentences.map((one) => {
            const spoken = times.get(one.id);
            return (
              <Box
                key={one.id} {...(heard === one.id ? { "aria-current": "true" as const } : {})}
                sx={{ display: "grid", gridTemplateColumns: "96px 1fr", gap: 3, paddingBlock: 1.5, paddingInline: 2, marginInline: -2, borderRadius: 1, backgroundColor: heard === one.id ? "tone.running.wash" : "transparent" }}
              >
                <Typography variant="caption" color="textSecondary" data-figures>{spoken === undefined ? plain(one.role) : `${clock(spoken.start_s)} ${plain(one.role)}`}</Typography>
                <Box sx={{ minWidth: 0 }}>
                  {spoken === undefined ? <Typography variant="body1">{one.text}</Typography> : <Said text={one.text} at={spoken.start_s} onSeek={playhead.seek} />}
                  {one.citations.map((id) => <Source key={id} passage={passages.get(id)} />)}
                </Box>
              </Box>
            );
          })}
        </section>
      ))}
      {script.credits.length === 0 ? null : <Typography variant="caption" color="textSecondary">{script.credits.join("; ")}</Typography>}
    </Box>
  );
}

function Said({ text, at, onSeek }: { text: string; at: number; onSeek: (at: number) => void }) {
  return (
    <Typography
      variant="body1" component="button" type="button" onClick={() => { onSeek(at); }}
      sx={{ display: "block", width: "100%", padding: 0, border: 0, background: "none", color: "inherit", font: "inherit", textAlign: "start", cursor: "pointer", overflowWrap: "anywhere", "&:hover": { textDecoration: "underline", textUnderlineOffset: "3px", textDecorationColor: "var(--mui-palette-divider)" } }}
    >
      {text}
    </Typography>
  );
}

function Source({ passage }: { passage: PassageView | undefined }) {
  if (passage === undefined) return null;
  return (
    <Tooltip title={passage.text}>
      <Typography variant="caption" color="textSecondary" component="p">
        {/^https?:/.test(passage.url) ? <Link href={passage.url} target="_blank" rel="noreferrer noopener" color="inherit">{passage.title}</Link> : passage.title}, {passage.publisher}, {passage.licence}
      </Typography>
    </Tooltip>
  );
}
