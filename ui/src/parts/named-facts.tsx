import Box from "@mui/material/Box";
import { Fragment, type ReactNode } from "react";

/** Names and values in two columns. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <Box component="dl" sx={{ margin: 0, display: "grid", gridTemplateColumns: "max-content minmax(0, 1fr)", columnGap: 4, rowGap: 1, fontSize: 13 }}>
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <Box component="dt" sx={{ color: "text.secondary" }}>{name}</Box>
          <Box component="dd" sx={{ margin: 0, overflowWrap: "anywhere" }}>{value}</Box>
        </Fragment>
      ))}
    </Box>
  );
}

/** What a program wrote, as it wrote it. */
export function Json({ title, value, open }: { title: string; value: unknown; open?: boolean }) {
  return (
    <Box component="details" open={open} sx={{ "& > summary": { cursor: "pointer", fontSize: 13, fontWeight: 560 } }}>
      <summary>{title}</summary>
      <Box component="pre" tabIndex={0} aria-label={title} sx={{ margin: "6px 0 0", padding: 3, maxHeight: 320, overflow: "auto", fontSize: 12, lineHeight: 1.5, borderRadius: 1, backgroundColor: "background.default", border: 1, borderColor: "divider", whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
      </Box>
    </Box>
  );
}
