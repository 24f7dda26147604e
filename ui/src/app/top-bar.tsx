import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";

import { switchesQuery } from "@/api/queries";
import { CRAMPED, HIDDEN, NARROW } from "@/parts/hidden";
import { Icon } from "@/parts/icon";
import { useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

import { AccountMenu } from "./account-menu";
import { ChannelFilter } from "./channel-filter";
import { LiveIndicator } from "./live-indicator";

const PlacesDrawer = lazy(() => import("./places-drawer"));

export function TopBar() {
  const set = useUi((ui) => ui.set);
  const may = useSession((session) => session.permissions.has("switches:engage"));
  return (
    <Box component="header" sx={{ display: "flex", alignItems: "center", gap: 3, height: 52, flexShrink: 0, paddingInline: 4, [NARROW]: { gap: 1, paddingInline: 2 }, borderBottom: 1, borderColor: "divider", backgroundColor: "background.paper" }}>
      <PlacesButton />
      <ChannelFilter />
      <Button color="inherit" variant="outlined" startIcon={<Icon name="search" />} onClick={() => { set({ paletteOpen: true }); }} sx={{ color: "text.secondary", borderColor: "divider", width: 260, minWidth: 40, justifyContent: "flex-start", [CRAMPED]: { width: 40, "& .MuiButton-startIcon": { margin: 0 }, "& kbd": { display: "none" } } }}>
        <Box component="span" sx={{ flex: 1, minWidth: 0, textAlign: "start", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap", [CRAMPED]: HIDDEN }}>Search and commands</Box>
        <kbd>Ctrl K</kbd>
      </Button>
      <LiveIndicator />
      <Box sx={{ flex: 1 }} />
      <Stopped />
      {may ? <Button color="error" variant="outlined" startIcon={<Icon name="stop" />} onClick={() => { set({ stopOpen: true }); }} sx={{ flexShrink: 0 }}>Stop</Button> : null}
      <AccountMenu />
    </Box>
  );
}

/** A window without room for the rail has its places behind this. */
function PlacesButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton aria-label="Places" aria-haspopup="dialog" aria-expanded={open} onClick={() => { setOpen(true); }} sx={{ display: { xs: "inline-flex", sm: "none" } }}><Icon name="menu" /></IconButton>
      {open ? <Suspense><PlacesDrawer onClose={() => { setOpen(false); }} /></Suspense> : null}
    </>
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
    <Button color="error" variant="contained" startIcon={<Icon name="stop" />} onClick={() => { set({ stopOpen: true }); }} sx={{ flexShrink: 0, whiteSpace: "pre" }}>
      {data?.items.some((one) => one.scope === "all") ? <Box component="span" sx={{ [CRAMPED]: HIDDEN }}>Everything is</Box> : count} stopped
    </Button>
  );
}
