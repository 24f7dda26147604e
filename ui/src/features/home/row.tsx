import Box from "@mui/material/Box";
import type { ReactElement, ReactNode } from "react";
import { Link } from "react-router-dom";

export const MOST_ROWS = 4;
const HEIGHT = 58;

/** Rows, newest first, in room for as many as are read: one that comes slides the others down, and nothing around them moves. */
export function Rows({ none, children }: { none: ReactNode; children: readonly ReactElement[] }) {
  return (
    <Box sx={{ position: "relative", height: MOST_ROWS * HEIGHT, overflow: "hidden", ...(children.length === 0 ? { display: "grid", alignContent: "center" } : {}) }}>
      {children.length === 0 ? none : children.map((row, at) => (
        <Box key={row.key} sx={{ position: "absolute", insetInline: 0, insetBlockStart: 0, transition: "transform 120ms", ...(at > 0 ? { borderTop: 1, borderColor: "divider" } : {}) }} style={{ transform: `translateY(${String(at * HEIGHT)}px)` }}>{row}</Box>
      ))}
    </Box>
  );
}

/** One line of a list on the home page: what it is, what is known of it, when. */
export function Row({ to, title, under, aside }: { to: string; title: string; under?: ReactNode; aside?: ReactNode }) {
  return (
    <Box
      component={Link} to={to}
      sx={{ display: "flex", alignItems: "center", gap: 3, paddingInline: 4, height: HEIGHT, color: "inherit", textDecoration: "none", "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 } }}
    >
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Box sx={{ fontSize: 14, fontWeight: 540, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{title}</Box>
        {under ? <Box sx={{ fontSize: 12, color: "text.secondary", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{under}</Box> : null}
      </Box>
      {aside ? <Box sx={{ fontSize: 12, color: "text.secondary", display: "flex", alignItems: "center", gap: 2, flexShrink: 0 }}>{aside}</Box> : null}
    </Box>
  );
}
