import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { keyframes } from "@mui/material/styles";

import { Icon } from "@/parts/icon";

import { HELD_MS, newestHeld, undo, useDecisions } from "./decisions";

const DID: Record<string, string> = { accept: "Accepted", edit: "Edited", response: "Answered", ignore: "Ignored" };
const shrink = keyframes({ from: { transform: "scaleX(1)" }, to: { transform: "scaleX(0)" } });

/** Five seconds in which what was decided is not yet done. */
export function UndoBar() {
  const held = useDecisions((state) => state.held);
  const newest = newestHeld(held);
  if (newest === undefined) return null;
  const { approval, answer } = newest;
  return (
    <Box role="status" sx={{ position: { xs: "fixed", md: "absolute" }, insetBlockEnd: 16, insetInline: 0, marginInline: "auto", width: "fit-content", maxWidth: "90%", display: "flex", alignItems: "center", gap: 4, paddingInline: 4, height: 44, borderRadius: 1, border: 1, borderColor: "divider", backgroundColor: "raised", boxShadow: "0 6px 24px rgb(0 0 0 / 0.16)", overflow: "hidden", zIndex: "snackbar" }}>
      <Box sx={{ fontSize: 14, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>
        <b>{DID[answer.type]}</b>: {approval.title || approval.topic}{held.size > 1 ? `, and ${String(held.size - 1)} more` : ""}
      </Box>
      <Button startIcon={<Icon name="undo" />} onClick={() => { undo(approval.id); }}>Undo <Box component="kbd" aria-hidden sx={{ marginInlineStart: 2 }}>u</Box></Button>
      <Box key={approval.id} aria-hidden sx={{ position: "absolute", insetInline: 0, insetBlockEnd: 0, height: 2, backgroundColor: "primary.main", transformOrigin: "left", animation: `${shrink} ${String(HELD_MS)}ms linear forwards` }} />
    </Box>
  );
}
