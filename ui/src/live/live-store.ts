import { create } from "zustand";

import type { LiveState } from "./live-socket";

interface Live {
  state: LiveState;
  /** When the service was last heard of, in this page's milliseconds. */
  heardAt: number | null;
}

export const useLive = create<Live>()(() => ({ state: "connecting", heardAt: null }));

/** How often to ask while nobody tells: false while the socket does, a little longer than never otherwise. */
export function usePoll(everyMs: number): number | false {
  return useLive((live) => (live.state === "live" ? false : everyMs));
}
