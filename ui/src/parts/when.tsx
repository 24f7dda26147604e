import Tooltip from "@mui/material/Tooltip";

import { useNow } from "./use-now";
import { absolute, relative } from "./words";

/** A time as people say it, with the exact one and its zone on hover and focus. */
export function When({ at }: { at: string }) {
  const now = useNow();
  return (
    <Tooltip title={absolute(at)}>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {relative(at, now)}
      </time>
    </Tooltip>
  );
}
