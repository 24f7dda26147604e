import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import Typography from "@mui/material/Typography";

import type { PersonalityView } from "@/api/schema";

import { PersonalityLook } from "./personality-look";

interface Parts {
  personalities: readonly PersonalityView[];
  chosen: string | null;
  onChoose: (id: string) => void;
}

/** Whom a channel could speak as: each in its own colours, told by what it says of itself, its tone and its pace. */
export function PersonalityCards({ personalities, chosen, onChoose }: Parts) {
  return (
    <Box role="radiogroup" aria-label="Personality" sx={{ display: "grid", gridTemplateColumns: "repeat(auto-fill, minmax(250px, 1fr))", gap: 3 }}>
      {personalities.map((one) => (
        <ButtonBase
          key={one.id} role="radio" aria-checked={one.id === chosen} onClick={() => { onChoose(one.id); }}
          sx={{ display: "flex", flexDirection: "column", alignItems: "stretch", justifyContent: "start", textAlign: "start", borderRadius: 1, overflow: "hidden", border: 1, borderColor: one.id === chosen ? "primary.main" : "divider", boxShadow: one.id === chosen ? "0 0 0 1px var(--mui-palette-primary-main)" : "none", backgroundColor: "background.paper", "&:hover": { borderColor: "text.secondary" } }}
        >
          <PersonalityLook one={one} />
          <Box component="span" sx={{ display: "grid", gap: 1, padding: 4, paddingBlockStart: 3 }}>
            <Typography variant="body2" component="span">{one.tagline}</Typography>
            <Typography variant="caption" component="span" color="textSecondary">
              {one.niche}; {one.tone.join(", ")}; {one.format}, {one.cadence_per_week} a week, in {one.language}
            </Typography>
          </Box>
        </ButtonBase>
      ))}
    </Box>
  );
}
