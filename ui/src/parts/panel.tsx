import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import { type ReactNode, useId } from "react";

/** A part of a page with a name. */
export function Panel({ title, aside, children, flush }: { title: string; aside?: ReactNode; children: ReactNode; flush?: boolean }) {
  const id = useId();
  return (
    <Paper component="section" aria-labelledby={id} sx={{ overflow: "hidden", display: "flex", flexDirection: "column", minWidth: 0 }}>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", columnGap: 2, minHeight: 44, paddingInline: 4, paddingBlock: { xs: "6px", md: 0 }, borderBottom: 1, borderColor: "divider" }}>
        <Typography id={id} variant="h3" component="h2" sx={{ flex: 1 }}>{title}</Typography>
        {aside === undefined ? null : <Box sx={{ display: "flex", alignItems: "center", gap: 2, minWidth: 0, overflowX: { xs: "auto", md: "visible" } }}>{aside}</Box>}
      </Box>
      <Box sx={{ padding: flush ? 0 : 4, flex: 1, minWidth: 0 }}>{children}</Box>
    </Paper>
  );
}
