import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import type { ReactNode } from "react";
import { Link } from "react-router-dom";

import { Page } from "@/parts/page";
import { useSession } from "@/session/session-store";

const PLACES = [
  ["/system", "Health", "metrics:read"],
  ["/system/settings", "Settings", "settings:read"],
  ["/system/audit", "Audit", "audit:read"],
] as const;

/** The studio itself: how it fares, how it is set, and who did what. */
export function SystemFrame({ at, actions, children }: { at: (typeof PLACES)[number][0]; actions?: ReactNode; children: ReactNode }) {
  const may = useSession((session) => session.permissions);
  const shown = PLACES.filter(([path, , permission]) => path === at || may.has(permission));
  return (
    <Page title="System" actions={actions}>
      <Tabs component="nav" value={at} aria-label="System" sx={{ minHeight: 36, borderBottom: 1, borderColor: "divider" }}>
        {shown.map(([path, word]) => <Tab key={path} component={Link} to={path} value={path} label={word} sx={{ minHeight: 36, textTransform: "none" }} />)}
      </Tabs>
      {children}
    </Page>
  );
}
