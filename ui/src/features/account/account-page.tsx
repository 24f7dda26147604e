import Box from "@mui/material/Box";

import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { When } from "@/parts/when";
import { useSession } from "@/session/session-store";

import { PasswordPanel } from "./password-panel";
import { SessionsPanel } from "./sessions-panel";
import { TokensPanel } from "./tokens-panel";

/** What lets its owner in, and what they let in: password, sessions, tokens for programs. */
export default function AccountPage() {
  const user = useSession((session) => session.user);
  return (
    <Page title="Your account">
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "2fr 1fr" }, gap: 4, alignItems: "start" }}>
        <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
          <SessionsPanel />
          <TokensPanel />
        </Box>
        <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
          <Panel title="Who you are">
            {user === null ? null : (
              <Box sx={{ display: "grid", gap: 1, fontSize: 13 }}>
                {user.name ? <b>{user.name}</b> : null}
                <Box sx={{ overflowWrap: "anywhere" }}>{user.email}</Box>
                <Box sx={{ color: "text.secondary" }}>{user.role}, let in <When at={user.created_at} />. An admin changes name and role.</Box>
              </Box>
            )}
          </Panel>
          <PasswordPanel />
        </Box>
      </Box>
    </Page>
  );
}
