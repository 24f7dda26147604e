import Box from "@mui/material/Box";
import type { ReactNode } from "react";
import { Link } from "react-router-dom";

/** One line of a list on the home page: what it is, what is known of it, when. */
export function Row({ to, title, under, aside }: { to: string; title: string; under?: ReactNode; aside?: ReactNode }) {
  return (
    <Box
      component={Link} to={to}
      sx={{ display: "flex", alignItems: "center", gap: 3, paddingInline: 4, paddingBlock: 2.5, color: "inherit", textDecoration: "none", borderTop: 1, borderColor: "divider", "&:first-of-type": { borderTop: 0 }, "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 } }}
    >
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Box sx={{ fontSize: 14, fontWeight: 540, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{title}</Box>
        {under ? <Box sx={{ fontSize: 12, color: "text.secondary", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{under}</Box> : null}
      </Box>
      {aside ? <Box sx={{ fontSize: 12, color: "text.secondary", display: "flex", alignItems: "center", gap: 2, flexShrink: 0 }}>{aside}</Box> : null}
    </Box>
  );
}
