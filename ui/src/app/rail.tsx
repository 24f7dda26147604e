import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";

import { Icon } from "@/parts/icon";
import { useUi } from "@/session/ui-store";

import { Brand, Places } from "./places";

const WIDE = 224;
const NARROW = 56;

/** The places at the side; a window too narrow for it has them behind a button of the top bar (`places-drawer.tsx`). */
export function Rail() {
  const folded = useUi((ui) => ui.railFolded);
  const set = useUi((ui) => ui.set);
  return (
    <Box component="nav" aria-label="Places" sx={{ width: folded ? NARROW : WIDE, flexShrink: 0, borderRight: 1, borderColor: "divider", backgroundColor: "background.paper", display: { xs: "none", sm: "flex" }, flexDirection: "column", padding: 2, gap: "2px", overflowY: "auto" }}>
      <Brand folded={folded} />
      <Places folded={folded} />
      <Box sx={{ flex: 1 }} />
      <Tooltip title={folded ? "Show names" : "Fold to icons"} placement="right">
        <IconButton aria-label={folded ? "Show the names of places" : "Fold places to icons"} onClick={() => { set({ railFolded: !folded }); }} sx={{ alignSelf: folded ? "center" : "flex-start" }}>
          <Icon name="fold" />
        </IconButton>
      </Tooltip>
    </Box>
  );
}
