import { create } from "zustand";
import { persist } from "zustand/middleware";

/** The one that a server has from the start. */
export const OWN_STUDIO = "tenant_local";

interface Ui {
  /** Only what concerns this channel is shown; null shows all. */
  channel: string | null;
  railFolded: boolean;
  /** Whose studio this browser signs in to; of a server that hosts several. */
  studio: string;
  paletteOpen: boolean;
  keysOpen: boolean;
  stopOpen: boolean;
  set: (change: Partial<Omit<Ui, "set">>) => void;
}

export const useUi = create<Ui>()(
  persist(
    (set) => ({
      channel: null,
      railFolded: false,
      studio: OWN_STUDIO,
      paletteOpen: false,
      keysOpen: false,
      stopOpen: false,
      set: (change) => set(change),
    }),
    { name: "ytempire-ui", partialize: ({ channel, railFolded, studio }) => ({ channel, railFolded, studio }) },
  ),
);
