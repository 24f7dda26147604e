import Box from "@mui/material/Box";

import type { PersonalityView } from "@/api/schema";

const SWATCHES = ["ground", "ground2", "soft", "ink", "accent", "accent2"] as const;

/** A personality's name on its own ground, in its own ink and face: what viewers see of it. */
export function PersonalityLook({ one }: { one: PersonalityView }) {
  const { palette, font } = one;
  return (
    <Box component="span" sx={{ display: "block", paddingInline: 4, paddingBlock: 3, borderBottom: 4 }} style={{ background: `linear-gradient(120deg, ${palette.ground}, ${palette.ground2})`, color: palette.ink, borderColor: palette.accent }}>
      <Box component="span" sx={{ display: "block", fontSize: 20, fontWeight: 700, lineHeight: 1.3 }} style={{ fontFamily: `"${font.head}", "${font.body}", system-ui, sans-serif`, textTransform: font.uppercase ? "uppercase" : "none" }}>{one.name}</Box>
    </Box>
  );
}

/** Its colours, one beside the other. */
export function Swatches({ one }: { one: PersonalityView }) {
  return (
    <Box component="span" role="img" aria-label={`Colours: ${SWATCHES.map((name) => one.palette[name]).join(", ")}`} sx={{ display: "inline-flex", borderRadius: 1, overflow: "hidden", border: 1, borderColor: "divider" }}>
      {SWATCHES.map((name) => <Box component="span" key={name} sx={{ width: 22, height: 14 }} style={{ background: one.palette[name] }} />)}
    </Box>
  );
}
