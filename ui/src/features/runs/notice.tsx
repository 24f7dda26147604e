import Box from "@mui/material/Box";
import type { ReactNode } from "react";

/** A sentence about the whole run that is not to be missed. */
export function Notice({ tone, children }: { tone: "waiting" | "trouble" | "good"; children: ReactNode }) {
  return <Box sx={{ fontSize: 13, paddingInline: 4, paddingBlock: 2.5, borderRadius: 1, color: `tone.${tone}.ink`, backgroundColor: `tone.${tone}.wash`, overflowWrap: "anywhere" }}>{children}</Box>;
}
