import { create } from "zustand";
import { persist } from "zustand/middleware";

interface Ui {
  /** Only what concerns this channel is shown; null shows all. */
  channel: string | null;
  railFolded: boolean;
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
      paletteOpen: false,
      keysOpen: false,
      stopOpen: false,
      set: (change) => set(change),
    }),
    { name: "ytempire-ui", partialize: ({ channel, railFolded }) => ({ channel, railFolded }) },
  ),
);
