import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";

import type { ScriptView } from "@/api/schema";
import { Panel } from "@/parts/panel";
import { plain } from "@/parts/words";

/** The script by chapters, each sentence with what it stands on and under which licence. */
export function ScriptStrip({ script }: { script: ScriptView }) {
  const passages = new Map(script.passages.map((one) => [one.id, one]));
  return (
    <Panel title="Script" aside={<Typography variant="caption" color="textSecondary">{script.editable ? "can be edited where it is decided on" : script.why_not}</Typography>}>
      <Box sx={{ display: "grid", gap: 5 }}>
        {script.beats.map((beat) => (
          <section key={beat.id} aria-label={beat.heading}>
            <Typography variant="h3" gutterBottom>{beat.heading}</Typography>
            {beat.sentences.map((one) => (
              <Box key={one.id} sx={{ display: "grid", gridTemplateColumns: "96px 1fr", gap: 3, paddingBlock: 1.5 }}>
                <Typography variant="caption" color="textSecondary">{plain(one.role)}</Typography>
                <Box>
                  <Typography variant="body1">{one.text}</Typography>
                  {one.citations.map((id) => {
                    const passage = passages.get(id);
                    return passage === undefined ? null : (
                      <Tooltip key={id} title={passage.text}>
                        <Typography variant="caption" color="textSecondary" component="p">
                          {/^https?:/.test(passage.url) ? <Link href={passage.url} target="_blank" rel="noreferrer noopener" color="inherit">{passage.title}</Link> : passage.title}, {passage.publisher}, {passage.licence}
                        </Typography>
                      </Tooltip>
                    );
                  })}
                </Box>
              </Box>
            ))}
          </section>
        ))}
        {script.credits.length === 0 ? null : <Typography variant="caption" color="textSecondary">{script.credits.join("; ")}</Typography>}
      </Box>
    </Panel>
  );
}
