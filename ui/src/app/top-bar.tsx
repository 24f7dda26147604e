import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";

import { switchesQuery } from "@/api/queries";
import { Icon } from "@/parts/icon";
import { useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

import { AccountMenu } from "./account-menu";
import { ChannelFilter } from "./channel-filter";
import { LiveIndicator } from "./live-indicator";

export function TopBar() {
  const set = useUi((ui) => ui.set);
  const may = useSession((session) => session.permissions.has("switches:engage"));
  return (
    <Box component="header" sx={{ display: "flex", alignItems: "center", gap: 3, height: 52, flexShrink: 0, paddingInline: 4, borderBottom: 1, borderColor: "divider", backgroundColor: "background.paper" }}>
      <ChannelFilter />
      <Button color="inherit" variant="outlined" startIcon={<Icon name="search" />} onClick={() => { set({ paletteOpen: true }); }} sx={{ color: "text.secondary", borderColor: "divider", minWidth: 260, justifyContent: "flex-start" }}>
        <Box component="span" sx={{ flex: 1, textAlign: "start" }}>Search and commands</Box>
        <kbd>Ctrl K</kbd>
      </Button>
      <LiveIndicator />
      <Box sx={{ flex: 1 }} />
      <Stopped />
      {may ? <Button color="error" variant="outlined" startIcon={<Icon name="stop" />} onClick={() => { set({ stopOpen: true }); }}>Stop</Button> : null}
      <AccountMenu />
    </Box>
  );
}

/** What is stopped is said on every screen for as long as it is. */
function Stopped() {
  const set = useUi((ui) => ui.set);
  const may = useSession((session) => session.permissions.has("costs:read"));
  const { data } = useQuery({ ...switchesQuery, enabled: may });
  const count = data?.items.length ?? 0;
  if (count === 0) return null;
  return (
    <Button color="error" variant="contained" startIcon={<Icon name="stop" />} onClick={() => { set({ stopOpen: true }); }}>
      {data?.items.some((one) => one.scope === "all") ? "Everything is stopped" : `${String(count)} stopped`}
    </Button>
  );
}
