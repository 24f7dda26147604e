import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { lazy, Suspense, useEffect } from "react";
import { Navigate, Outlet, useLocation, useNavigate } from "react-router-dom";

import { useLiveConnection } from "@/live/use-live-connection";
import { EmptyView } from "@/parts/empty-view";
import { onKey, useShortcuts } from "@/parts/shortcuts";
import { usePasswordWish } from "@/session/password-wish";
import { begin, useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

import { Rail } from "./rail";
import { SCREENS } from "./screens";
import { TopBar } from "./top-bar";
import { usePaymentReturn } from "./use-payment-return";

const Palette = lazy(() => import("./palette"));
const KeySheet = lazy(() => import("./key-sheet"));
const PasswordDialog = lazy(() => import("@/parts/password-dialog"));
const StopDialog = lazy(() => import("./stop-dialog"));

/** Everything around a screen, for whoever is signed in; whoever is not signs in and comes back. */
export function Frame() {
  const standing = useSession((session) => session.standing);
  const { pathname, search } = useLocation();
  useEffect(() => {
    if (standing === "unknown") void begin();
  }, [standing]);
  if (standing === "unknown") return <Box role="status" aria-label="Loading" sx={{ minHeight: "100vh" }} />;
  if (standing === "unreachable") return <Unreachable />;
  if (standing === "out") return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />;
  return <Inside />;
}

function Inside() {
  const ui = useUi();
  const wish = usePasswordWish((state) => state.wish);
  useLiveConnection();
  useFrameKeys();
  usePaymentReturn();
  return (
    <Box sx={{ display: "flex", height: "100vh", overflow: "hidden" }}>
      <Button href="#content" sx={{ position: "absolute", insetInlineStart: 8, insetBlockStart: -80, zIndex: "tooltip", "&:focus": { insetBlockStart: 8 } }} variant="contained">Skip to the content</Button>
      <Rail />
      <Box sx={{ flex: 1, minWidth: 0, display: "flex", flexDirection: "column" }}>
        <TopBar />
        <Box component="main" id="content" tabIndex={-1} sx={{ flex: 1, minHeight: 0, overflow: "auto", outline: "none" }}>
          <Outlet />
        </Box>
      </Box>
      <Suspense>
        {ui.paletteOpen ? <Palette /> : null}
        {ui.keysOpen ? <KeySheet /> : null}
        {ui.stopOpen ? <StopDialog /> : null}
        {wish ? <PasswordDialog wish={wish} /> : null}
      </Suspense>
    </Box>
  );
}

function useFrameKeys(): void {
  const navigate = useNavigate();
  const set = useUi((ui) => ui.set);
  useShortcuts("Anywhere", [
    { keys: "?", does: "show all keys", run: () => { set({ keysOpen: true }); } },
    { keys: "/", does: "search and commands (also Ctrl-K)", run: () => { set({ paletteOpen: true }); } },
    ...SCREENS.map((screen) => ({ keys: `g ${screen.key}`, does: `go to ${screen.label}`, run: () => { void navigate(`/${screen.path}`); } })),
  ]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        set({ paletteOpen: true });
      } else onKey(event);
    };
    window.addEventListener("keydown", pressed);
    return () => { window.removeEventListener("keydown", pressed); };
  }, [set]);
}

function Unreachable() {
  return (
    <Box component="main" sx={{ minHeight: "100vh", display: "grid", placeItems: "center" }}>
      <EmptyView icon="alarm" title="The service does not answer" action={<Button variant="outlined" onClick={() => { useSession.setState({ standing: "unknown" }); }}>Try again</Button>}>
        The page is here, the service behind it is not. Is `ytempire up` running?
      </EmptyView>
    </Box>
  );
}
