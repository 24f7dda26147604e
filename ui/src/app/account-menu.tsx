import Divider from "@mui/material/Divider";
import IconButton from "@mui/material/IconButton";
import ListItemIcon from "@mui/material/ListItemIcon";
import ListItemText from "@mui/material/ListItemText";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { useColorScheme } from "@mui/material/styles";
import Tooltip from "@mui/material/Tooltip";
import { useState } from "react";
import { Link } from "react-router-dom";

import { Icon, type IconName } from "@/parts/icon";
import { signOut, useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

const NEXT = { system: "light", light: "dark", dark: "system" } as const;
const LOOK: Record<keyof typeof NEXT, { icon: IconName; word: string }> = {
  system: { icon: "system", word: "Looks as this machine does" },
  light: { icon: "sun", word: "Looks light" },
  dark: { icon: "moon", word: "Looks dark" },
};

export function AccountMenu() {
  const [at, setAt] = useState<HTMLElement | null>(null);
  const user = useSession((session) => session.user);
  const set = useUi((ui) => ui.set);
  const { mode = "system", setMode } = useColorScheme();
  const close = () => { setAt(null); };
  return (
    <>
      <Tooltip title={user?.email ?? ""}>
        <IconButton aria-label="Your account" aria-haspopup="menu" aria-expanded={at !== null} onClick={(event) => { setAt(event.currentTarget); }}><Icon name="user" /></IconButton>
      </Tooltip>
      <Menu anchorEl={at} open={at !== null} onClose={close}>
        <MenuItem disabled sx={{ opacity: "1 !important" }}><ListItemText primary={user?.name || user?.email} secondary={`${user?.email ?? ""}, ${user?.role ?? ""}`} /></MenuItem>
        <Divider />
        <MenuItem component={Link} to="/account" onClick={close}><ListItemIcon><Icon name="user" /></ListItemIcon>Password, sessions, programs</MenuItem>
        <MenuItem onClick={() => { setMode(NEXT[mode]); }}><ListItemIcon><Icon name={LOOK[mode].icon} /></ListItemIcon>{LOOK[mode].word}</MenuItem>
        <MenuItem onClick={() => { close(); set({ keysOpen: true }); }}><ListItemIcon><Icon name="keys" /></ListItemIcon>Keys</MenuItem>
        <MenuItem component="a" href="/docs" target="_blank" rel="noreferrer"><ListItemIcon><Icon name="link" /></ListItemIcon>Schema of the service</MenuItem>
        <Divider />
        <MenuItem onClick={() => void signOut()}><ListItemIcon><Icon name="out" /></ListItemIcon>Sign out</MenuItem>
      </Menu>
    </>
  );
}
