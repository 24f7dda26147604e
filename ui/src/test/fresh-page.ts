import { forgetAccess } from "@/api/access";
import { useDecisions } from "@/features/approvals/decisions";
import { useFilters } from "@/features/approvals/filters";
import { useMoves } from "@/features/videos/calendar/moves";
import { useLive } from "@/live/live-store";
import { useToasts } from "@/parts/toasts";
import { usePasswordWish } from "@/session/password-wish";
import { useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

/** Files of tests share a worker and what it has loaded: each test begins as a page that was just opened, and ends as one that is closed. */

const timers = new Set<ReturnType<typeof setTimeout>>();
const begin = globalThis.setTimeout;

/** From here on it is known what the page still waits for. */
export function watchTimers(): void {
  globalThis.setTimeout = Object.assign((...asked: Parameters<typeof setTimeout>) => {
    const timer = begin(...asked);
    timers.add(timer);
    return timer;
  }, begin);
}

export function unwatchTimers(): void {
  globalThis.setTimeout = begin;
}

/** A page that is closed does nothing later: neither what it held for a moment nor what it wanted to ask again. */
export function closePage(): void {
  for (const timer of timers) clearTimeout(timer);
  timers.clear();
  for (const style of document.head.querySelectorAll("style")) style.remove();
  localStorage.clear();
  sessionStorage.clear();
}

export function openPage(): void {
  forgetAccess();
  useDecisions.setState(useDecisions.getInitialState(), true);
  useFilters.setState(useFilters.getInitialState(), true);
  useMoves.setState(useMoves.getInitialState(), true);
  useLive.setState(useLive.getInitialState(), true);
  useToasts.setState(useToasts.getInitialState(), true);
  usePasswordWish.setState(usePasswordWish.getInitialState(), true);
  useSession.setState({ standing: "unknown", user: null, permissions: new Set(), ended: false });
  useUi.setState({ channel: null, railFolded: false, paletteOpen: false, keysOpen: false, stopOpen: false });
}
