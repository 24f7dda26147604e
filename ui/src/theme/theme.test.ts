import { type createTheme, getContrastRatio } from "@mui/material/styles";

import { theme } from "./theme";

const READABLE = 4.5;
const FILLED = ["primary", "error", "warning", "success", "info"] as const;

function paletteOf(scheme: "light" | "dark") {
  return (theme as ReturnType<typeof createTheme> & { colorSchemes: Record<typeof scheme, { palette: typeof theme.palette }> }).colorSchemes[scheme].palette;
}

test.each(["light", "dark"] as const)("words on filled buttons are readable in %s, also under the pointer", (scheme) => {
  for (const name of FILLED) {
    const { main, dark, contrastText } = paletteOf(scheme)[name];
    for (const ground of [main, dark]) expect(getContrastRatio(ground, contrastText), `${name}, ${ground}`).toBeGreaterThanOrEqual(READABLE);
  }
});

test.each(["light", "dark"] as const)("each state's word is readable on its wash in %s", (scheme) => {
  for (const [tone, { ink, wash }] of Object.entries(paletteOf(scheme).tone)) expect(getContrastRatio(ink, wash), tone).toBeGreaterThanOrEqual(READABLE);
});
