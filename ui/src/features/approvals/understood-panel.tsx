import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";

import type { Understood } from "@/api/schema";
import { When } from "@/parts/when";
import { Who } from "@/parts/who";
import { count } from "@/parts/words";

/** What became of an answer in words: how whoever wrote took it, and what the script says now that it did not say before. */
export function UnderstoodPanel({ understood }: { understood: Understood }) {
  const { words, by, at, taken, writer, added, dropped } = understood;
  return (
    <Paper component="section" aria-label="What was understood" sx={{ padding: 4, display: "grid", gap: 2, borderLeft: 3, borderLeftColor: "tone.running.ink" }}>
      <Typography variant="h3" component="h3">What became of your words</Typography>
      <Typography variant="body2">“{words}” <Box component="span" sx={{ color: "text.secondary" }}><Who id={by} />, <When at={at} /></Box></Typography>
      <Typography variant="body2"><b>{writer ?? "The writer"}</b>: {taken ?? "no account of it was kept"}</Typography>
      {added === null || dropped === null ? <Typography variant="caption" color="textSecondary">One of the two scripts cannot be read, so they are not compared.</Typography> : (
        <Box component="details" sx={{ fontSize: 13, "& summary": { cursor: "pointer" } }}>
          <summary>{count(added.length, "sentence")} new, {count(dropped.length, "sentence")} gone</summary>
          <Sentences mark="+" name="New" sentences={added} />
          <Sentences mark="−" name="Gone" sentences={dropped} />
        </Box>
      )}
    </Paper>
  );
}

function Sentences({ mark, name, sentences }: { mark: string; name: string; sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <Box component="ul" aria-label={name} sx={{ listStyle: "none", margin: 0, padding: 0, marginTop: 2, display: "grid", gap: 1 }}>
      {sentences.map((one) => <Box component="li" key={one} sx={{ display: "flex", gap: 2, color: mark === "+" ? "tone.good.ink" : "text.secondary" }}><span aria-hidden>{mark}</span><span>{one}</span></Box>)}
    </Box>
  );
}
