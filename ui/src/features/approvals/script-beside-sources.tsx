import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Typography from "@mui/material/Typography";
import { useMemo, useState } from "react";

import type { Passage, Script } from "./evidence-shape";

/** Each sentence beside the passages that it stands on: pointing at one shows the other. */
export function ScriptBesideSources({ script }: { script: Script }) {
  const [shown, setShown] = useState<string | null>(null);
  const passages = useMemo(() => [...new Map(script.sentences.flatMap((one) => one.passages).map((one) => [one.id, one])).values()], [script]);
  const number = new Map(passages.map((one, at) => [one.id, at + 1]));
  const cited = new Set(script.sentences.find((one) => one.id === shown)?.passages.map((one) => one.id));
  return (
    <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" }, gap: 6 }}>
      <Box component="section" aria-label="Script">
        <Typography variant="h3" component="h3" gutterBottom>Script</Typography>
        <Box component="ol" sx={{ listStyle: "none", margin: 0, padding: 0 }}>
          {script.sentences.map((one) => (
            <Box
              key={one.id} component="li" onMouseEnter={() => { setShown(one.id); }} onMouseLeave={() => { setShown(null); }}
              sx={{ fontSize: 15, lineHeight: 1.55, paddingBlock: 1, paddingInline: 2, marginInline: -2, borderRadius: 1, backgroundColor: shown === one.id ? "action.hover" : "transparent" }}
            >
              {one.text}{" "}
              {one.passages.map((passage) => (
                <Link
                  key={passage.id} href={`#passage-${passage.id}`} onFocus={() => { setShown(one.id); }} onBlur={() => { setShown(null); }} aria-label={`Source ${String(number.get(passage.id) ?? 0)}: ${passage.title}`}
                  onClick={(event) => { event.preventDefault(); document.getElementById(`passage-${passage.id}`)?.scrollIntoView({ block: "nearest" }); }} sx={{ fontSize: 11, fontWeight: 650, verticalAlign: "super", lineHeight: 0, padding: "0 2px" }}
                >
                  {number.get(passage.id)}
                </Link>
              ))}
              {one.passages.length === 0 ? <Box component="span" sx={{ fontSize: 11, color: "text.secondary" }}>{one.role.replaceAll("_", " ")}</Box> : null}
            </Box>
          ))}
        </Box>
      </Box>
      <Box component="section" aria-label="Sources">
        <Typography variant="h3" component="h3" gutterBottom>Sources</Typography>
        {passages.length === 0 ? <Typography variant="body2" color="textSecondary">It cites nothing.</Typography> : null}
        {passages.map((one) => <Source key={one.id} passage={one} number={number.get(one.id) ?? 0} lit={cited.has(one.id)} />)}
      </Box>
    </Box>
  );
}

function Source({ passage, number, lit }: { passage: Passage; number: number; lit: boolean }) {
  return (
    <Box id={`passage-${passage.id}`} sx={{ paddingBlock: 2, paddingInline: 2, marginInline: -2, borderTop: 1, borderColor: "divider", backgroundColor: lit ? "tone.running.wash" : "transparent" }}>
      <Typography variant="body2" component="p" sx={{ fontWeight: 560 }}>
        {number}. {/^https?:/.test(passage.url) ? <Link href={passage.url} target="_blank" rel="noreferrer noopener" color="inherit">{passage.title}</Link> : passage.title}
      </Typography>
      <Typography variant="body2" component="p">{passage.text}</Typography>
      <Typography variant="caption" color="textSecondary">{[passage.publisher, passage.licence, passage.credit].filter(Boolean).join("; ")}</Typography>
    </Box>
  );
}
