import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";

import { Icon, type IconName } from "./icon";

/** A place with nothing in it: says why, and offers the one thing to do. */
export function EmptyView({ icon, title, children, action }: { icon: IconName; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Box sx={{ display: "flex", flexDirection: "column", alignItems: "center", textAlign: "center", gap: 2, paddingBlock: 10, paddingInline: 6 }}>
      <Box sx={{ color: "text.secondary", display: "flex" }}><Icon name={icon} sx={{ fontSize: 28 }} /></Box>
      <Typography variant="h2" component="p">{title}</Typography>
      {children ? <Typography variant="body2" color="textSecondary" sx={{ maxWidth: 420 }}>{children}</Typography> : null}
      {action ? <Box sx={{ marginTop: 2 }}>{action}</Box> : null}
    </Box>
  );
}
