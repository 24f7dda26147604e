import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import { type ReactNode, useEffect } from "react";

/** The quiet page before somebody is in. */
export function EnterFrame({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · YTEMPIRE`;
  }, [title]);
  return (
    <Box component="main" sx={{ minHeight: "100vh", display: "grid", placeItems: "center", padding: 4 }}>
      <Box sx={{ width: 400, maxWidth: "100%" }}>
        <Box sx={{ display: "flex", alignItems: "center", gap: 3, marginBottom: 5, fontWeight: 680, letterSpacing: "0.02em" }}>
          <img src="/icon.svg" alt="" width={28} height={28} />
          YTEMPIRE
        </Box>
        <Paper sx={{ padding: 6, display: "grid", gap: 4 }}>
          <Typography variant="h1">{title}</Typography>
          {children}
        </Paper>
      </Box>
    </Box>
  );
}
