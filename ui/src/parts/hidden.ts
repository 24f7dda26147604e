import type { CSSProperties } from "react";

/** For words that are heard and not seen. With units: `sx` takes a bare 1 for the whole width. */
export const HIDDEN: CSSProperties = { position: "absolute", width: "1px", height: "1px", margin: "-1px", padding: 0, overflow: "hidden", clipPath: "inset(50%)", whiteSpace: "nowrap", border: 0 };

/** Windows with room for an icon and not for its word; `sm` of the theme. */
export const NARROW = "@media (max-width: 719.95px)";
/** Windows whose rail leaves no room for words in the bar beside it; `md` of the theme. */
export const CRAMPED = "@media (max-width: 1023.95px)";
