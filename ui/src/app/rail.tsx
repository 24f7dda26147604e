import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import { NavLink } from "react-router-dom";

import { HIDDEN } from "@/parts/hidden";
import { Icon } from "@/parts/icon";
import type { Screen } from "@/parts/screen";
import { useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

import { SCREENS } from "./screens";

const WIDE = 224;
const NARROW = 56;

export function Rail() {
  const folded = useUi((ui) => ui.railFolded);
  const set = useUi((ui) => ui.set);
  const permissions = useSession((session) => session.permissions);
  return (
    <Box component="nav" aria-label="Places" sx={{ width: folded ? NARROW : WIDE, flexShrink: 0, borderInlineEnd: 1, borderColor: "divider", backgroundColor: "background.paper", display: "flex", flexDirection: "column", padding: 2, gap: "2px" }}>
      <Box sx={{ display: "flex", alignItems: "center", gap: 2, height: 40, paddingInline: 2, marginBottom: 2, fontWeight: 680, letterSpacing: "0.02em" }}>
        <img src="/icon.svg" alt="" width={22} height={22} />
        {folded ? null : "YTEMPIRE"}
      </Box>
      {SCREENS.filter((screen) => !screen.aside && permissions.has(screen.permission)).map((screen) => <Place key={screen.path} screen={screen} folded={folded} />)}
      <Box sx={{ flex: 1 }} />
      <Tooltip title={folded ? "Show names" : "Fold to icons"} placement="right">
        <IconButton aria-label={folded ? "Show the names of places" : "Fold places to icons"} onClick={() => { set({ railFolded: !folded }); }} sx={{ alignSelf: folded ? "center" : "flex-start" }}>
          <Icon name="fold" />
        </IconButton>
      </Tooltip>
    </Box>
  );
}

const useNoBadge = () => undefined;

function Place({ screen, folded }: { screen: Screen; folded: boolean }) {
  const useBadge = screen.useBadge ?? useNoBadge;
  const badge = useBadge();
  return (
    <Tooltip title={folded ? screen.label : ""} placement="right">
      <ButtonBase
        component={NavLink}
        to={`/${screen.path}`}
        end={screen.path === ""}
        sx={{
          display: "flex", justifyContent: folded ? "center" : "flex-start", gap: 3, height: 36, paddingInline: 3, borderRadius: 1.5, fontSize: 14, color: "text.secondary", fontWeight: 500, position: "relative",
          "&:hover": { backgroundColor: "action.hover" },
          "&.active": { color: "text.primary", backgroundColor: "action.selected", fontWeight: 600 },
        }}
      >
        <Icon name={screen.icon} />
        <Box component="span" sx={{ flex: 1, textAlign: "start" }} style={folded ? HIDDEN : {}}>{screen.label}</Box>
        {badge ? (
          <Box component="span" sx={{ fontSize: 11, fontWeight: 650, lineHeight: "18px", minWidth: 18, textAlign: "center", paddingInline: "5px", borderRadius: 5, backgroundColor: "tone.waiting.wash", color: "tone.waiting.ink", ...(folded ? { position: "absolute", insetBlockStart: 0, insetInlineEnd: 0 } : {}) }}>
            {badge > 999 ? "999+" : badge}
          </Box>
        ) : null}
      </ButtonBase>
    </Tooltip>
  );
}
