import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { type ReactNode, useEffect } from "react";

import { NARROW } from "./hidden";

interface Parts {
  title: string;
  actions?: ReactNode;
  /** Boards and timelines take the whole width; what is read does not. */
  wide?: boolean;
  /** The content takes exactly the height of the window and scrolls within itself. */
  fill?: boolean;
  children: ReactNode;
}

/** A screen: its title in the tab and on the page, its actions, its content. */
export function Page({ title, actions, wide, fill, children }: Parts) {
  useEffect(() => {
    document.title = `${title} · YTEMPIRE`;
  }, [title]);
  return (
    <Box sx={{ maxWidth: wide ? "none" : 1440, marginInline: "auto", padding: 6, gap: 5, ...(fill ? { height: "100%", display: "flex", flexDirection: "column" } : { display: "grid" }) }}>
      <Box sx={{ display: "flex", alignItems: "center", gap: 3, minHeight: 32, [NARROW]: { flexWrap: "wrap" } }}>
        <Typography variant="h1" sx={{ flex: 1, [NARROW]: { flex: "1 1 auto", overflowWrap: "anywhere" } }}>{title}</Typography>
        {actions}
      </Box>
      {children}
    </Box>
  );
}
