import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import { Link } from "react-router-dom";

import type { EndpointView } from "@/api/schema";
import { StateChip } from "@/parts/state-chip";

import { standingOf } from "./standing";

const HIDE = { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" } as const;

export function EndpointList({ items, chosen }: { items: readonly EndpointView[]; chosen: string | undefined }) {
  return (
    <Box component="ul" aria-label="Addresses" sx={{ margin: 0, padding: 0, listStyle: "none" }}>
      {items.map((one) => {
        const { word, tone } = standingOf(one);
        return (
          <li key={one.id}>
            <ButtonBase component={Link} to={`/system/webhooks?at=${one.id}`} aria-current={one.id === chosen ? "true" : undefined} sx={{ display: "grid", gridTemplateColumns: "1fr auto", gap: 1, width: "100%", textAlign: "start", padding: 4, fontSize: 13, borderBottom: 1, borderColor: "divider", "&:hover": { backgroundColor: "action.hover" }, "&[aria-current]": { backgroundColor: "action.selected" } }}>
              <Box component="span" sx={{ ...HIDE, fontWeight: 560 }} title={one.url}>{one.note || one.url}</Box>
              <StateChip state={word} word={word} tone={tone} />
              <Box component="span" sx={{ ...HIDE, color: "text.secondary", gridColumn: "1 / -1" }}>{one.note ? one.url : one.kinds.join(", ")}</Box>
            </ButtonBase>
          </li>
        );
      })}
    </Box>
  );
}
