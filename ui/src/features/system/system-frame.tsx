import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import type { ReactNode } from "react";
import { Link } from "react-router-dom";

import { Page } from "@/parts/page";
import { useSession } from "@/session/session-store";

import { TABS } from "./tabs";

/** The studio itself, in tabs. */
export function SystemFrame({ at, actions, children }: { at: (typeof TABS)[number]["to"]; actions?: ReactNode; children: ReactNode }) {
  const may = useSession((session) => session.permissions);
  const shown = TABS.filter((tab) => tab.to === at || may.has(tab.permission));
  return (
    <Page title="System" actions={actions}>
      <Tabs component="nav" value={at} aria-label="System" sx={{ minHeight: 36, borderBottom: 1, borderColor: "divider" }}>
        {shown.map((tab) => <Tab key={tab.to} component={Link} to={tab.to} value={tab.to} label={tab.label} sx={{ minHeight: 36, textTransform: "none" }} />)}
      </Tabs>
      {children}
    </Page>
  );
}
