/** One neutral scale, one accent, four states and what rests; light and dark are two readings of the same tokens. */

export type Tone = "running" | "waiting" | "good" | "trouble" | "idle";

interface Reading {
  canvas: string;
  surface: string;
  raised: string;
  line: string;
  text: string;
  quiet: string;
  accent: string;
  onAccent: string;
  tones: Record<Tone, { ink: string; wash: string }>;
}

export const LIGHT: Reading = {
  canvas: "#f6f6f4",
  surface: "#fdfdfc",
  raised: "#ffffff",
  line: "#e2e1dd",
  text: "#1e1f23",
  quiet: "#5d5f68",
  accent: "#3d4fd1",
  onAccent: "#fdfdfc",
  tones: {
    running: { ink: "#1f5fae", wash: "#e4eefa" },
    waiting: { ink: "#875000", wash: "#fbeed4" },
    good: { ink: "#1d6b3f", wash: "#dff2e6" },
    trouble: { ink: "#ad2b21", wash: "#fae4e1" },
    idle: { ink: "#5d5f68", wash: "#ececea" },
  },
};

export const DARK: Reading = {
  canvas: "#131417",
  surface: "#191a1e",
  raised: "#202227",
  line: "#2e3037",
  text: "#e9e9ec",
  quiet: "#a0a3ae",
  accent: "#94a2ff",
  onAccent: "#14151a",
  tones: {
    running: { ink: "#86b8f5", wash: "#1a2a40" },
    waiting: { ink: "#eeb65c", wash: "#372910" },
    good: { ink: "#7fd1a1", wash: "#15301f" },
    trouble: { ink: "#f59a90", wash: "#3d1b18" },
    idle: { ink: "#a0a3ae", wash: "#26282e" },
  },
};

export const RADIUS = 8;
export const GRID = 4;
/** Nothing moves for longer. */
export const MOTION_MS = 120;
export const FONT = '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif';
export const SIZES = { table: 13, control: 14, reading: 15 } as const;
