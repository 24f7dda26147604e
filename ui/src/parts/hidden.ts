import type { CSSProperties } from "react";

/** For words that are heard and not seen. */
export const HIDDEN: CSSProperties = { position: "absolute", width: 1, height: 1, margin: -1, padding: 0, overflow: "hidden", clipPath: "inset(50%)", whiteSpace: "nowrap", border: 0 };

/** Windows with room for an icon and not for its word; `sm` of the theme. */
export const NARROW = "@media (max-width: 719.95px)";
