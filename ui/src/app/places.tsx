import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import Tooltip from "@mui/material/Tooltip";
import { NavLink } from "react-router-dom";

import { HIDDEN } from "@/parts/hidden";
import { Icon } from "@/parts/icon";
import type { Screen } from "@/parts/screen";
import { useSession } from "@/session/session-store";

import { SCREENS } from "./screens";

/** The name of the product, above the places. */
export function Brand({ folded = false }: { folded?: boolean }) {
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 2, height: 40, paddingInline: 2, marginBottom: 2, fontWeight: 680, letterSpacing: "0.02em" }}>
      <img src="/icon.svg" alt="" width={22} height={22} />
      {folded ? null : "YTEMPIRE"}
    </Box>
  );
}

/** Every place that the role shows, in the order of the rail. */
export function Places({ folded = false, onGo }: { folded?: boolean; onGo?: () => void }) {
  const permissions = useSession((session) => session.permissions);
  return SCREENS.filter((screen) => !screen.aside && permissions.has(screen.permission)).map((screen) => <Place key={screen.path} screen={screen} folded={folded} onGo={onGo} />);
}

const useNoBadge = () => undefined;

function Place({ screen, folded, onGo }: { screen: Screen; folded: boolean; onGo: (() => void) | undefined }) {
  const useBadge = screen.useBadge ?? useNoBadge;
  const badge = useBadge();
  return (
    <Tooltip title={folded ? screen.label : ""} placement="right">
      <ButtonBase
        component={NavLink}
        to={`/${screen.path}`}
        end={screen.path === ""}
        onClick={onGo}
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
