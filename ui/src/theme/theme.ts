import { alpha, createTheme, darken, lighten, type PaletteOptions } from "@mui/material/styles";

import { DARK, FONT, GRID, LIGHT, MOTION_MS, RADIUS, SIZES, type Tone } from "./tokens";

declare module "@mui/material/styles" {
  interface Palette {
    tone: Record<Tone, { ink: string; wash: string }>;
    raised: string;
  }
  interface PaletteOptions {
    tone?: Record<Tone, { ink: string; wash: string }>;
    raised?: string;
  }
}

const HOVER = 0.15;

function palette(of: typeof LIGHT, hover: typeof darken): PaletteOptions {
  // MUI fills hovered buttons with `dark`, and would darken also what carries dark words: those become lighter.
  const filled = (main: string) => ({ main, dark: hover(main, HOVER), contrastText: of.onAccent });
  return {
    primary: filled(of.accent),
    error: filled(of.tones.trouble.ink),
    warning: filled(of.tones.waiting.ink),
    success: filled(of.tones.good.ink),
    info: filled(of.tones.running.ink),
    background: { default: of.canvas, paper: of.surface },
    text: { primary: of.text, secondary: of.quiet },
    divider: of.line,
    // Faint enough that quiet words stay readable on them.
    action: { hover: alpha(of.text, 0.05), selected: alpha(of.text, 0.09) },
    tone: of.tones,
    raised: of.raised,
  };
}

// MUI takes the outline away from everything that is pressed, and its ripple, which stands in for it, is off here.
const FOCUS = { outline: "2px solid var(--mui-palette-primary-main)", outlineOffset: 2 };
/** For what lies close to others, or in a box that cuts off what is outside. */
const FOCUS_INSIDE = { root: { "&.Mui-focusVisible": { outlineOffset: -2 } } };

const heading = { fontWeight: 620, letterSpacing: "-0.011em" };

export const theme = createTheme({
  cssVariables: { colorSchemeSelector: "data-scheme" },
  colorSchemes: { light: { palette: palette(LIGHT, darken) }, dark: { palette: palette(DARK, lighten) } },
  spacing: GRID,
  shape: { borderRadius: RADIUS },
  breakpoints: { values: { xs: 0, sm: 720, md: 1024, lg: 1280, xl: 1600 } },
  transitions: {
    duration: { shortest: MOTION_MS, shorter: MOTION_MS, short: MOTION_MS, standard: MOTION_MS, complex: MOTION_MS, enteringScreen: MOTION_MS, leavingScreen: MOTION_MS },
  },
  typography: {
    fontFamily: FONT,
    fontSize: SIZES.control,
    htmlFontSize: 16,
    h1: { ...heading, fontSize: 22, lineHeight: 1.3 },
    h2: { ...heading, fontSize: 16, lineHeight: 1.4 },
    h3: { ...heading, fontSize: 14, lineHeight: 1.4 },
    body1: { fontSize: SIZES.reading, lineHeight: 1.5 },
    body2: { fontSize: SIZES.table, lineHeight: 1.45 },
    caption: { fontSize: 12, lineHeight: 1.4 },
    button: { fontSize: SIZES.control, fontWeight: 560, textTransform: "none" },
  },
  components: {
    MuiCssBaseline: {
      styleOverrides: {
        body: { fontSize: SIZES.control },
        // Not everywhere: tabular hyphens tear words apart.
        "table, time, output, [data-figures]": { fontVariantNumeric: "tabular-nums" },
        "*:focus-visible": FOCUS,
        "::selection": { backgroundColor: "color-mix(in srgb, var(--mui-palette-primary-main) 26%, transparent)" },
        kbd: { fontFamily: "inherit", fontSize: 11, lineHeight: "16px", padding: "0 5px", borderRadius: 4, border: "1px solid var(--mui-palette-divider)", color: "var(--mui-palette-text-secondary)" },
        "@media (prefers-reduced-motion: reduce)": { "*": { animationDuration: "0.01ms !important", transition: "none !important" } },
      },
    },
    MuiButtonBase: { defaultProps: { disableRipple: true }, styleOverrides: { root: { fontFamily: "inherit", "&.Mui-focusVisible": FOCUS } } },
    MuiButton: { defaultProps: { disableElevation: true, size: "small" }, styleOverrides: { root: { minHeight: 32, paddingInline: 12, whiteSpace: "nowrap" } } },
    MuiPaper: { defaultProps: { elevation: 0, variant: "outlined" }, styleOverrides: { root: { backgroundImage: "none" } } },
    MuiAppBar: { defaultProps: { elevation: 0, color: "transparent" } },
    MuiTooltip: { defaultProps: { enterDelay: 350, arrow: false }, styleOverrides: { tooltip: { fontSize: 12, fontWeight: 450 } } },
    MuiTextField: { defaultProps: { size: "small", fullWidth: true } },
    MuiDialog: { defaultProps: { fullWidth: true, maxWidth: "sm" } },
    MuiLink: { defaultProps: { underline: "hover" } },
    MuiTableCell: { styleOverrides: { root: { fontSize: SIZES.table, padding: "8px 12px", borderBottomColor: "var(--mui-palette-divider)" }, head: { color: "var(--mui-palette-text-secondary)", fontWeight: 560 } } },
    MuiSkeleton: { defaultProps: { animation: "pulse", variant: "rounded" } },
    MuiToggleButton: { styleOverrides: { root: { padding: "4px 10px", textTransform: "none", ...FOCUS_INSIDE.root } } },
    MuiTab: { styleOverrides: FOCUS_INSIDE },
    MuiMenuItem: { styleOverrides: FOCUS_INSIDE },
  },
});
