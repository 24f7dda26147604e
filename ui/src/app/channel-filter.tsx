import MenuItem from "@mui/material/MenuItem";
import Select from "@mui/material/Select";
import { useQuery } from "@tanstack/react-query";

import { channelsQuery } from "@/api/queries";
import { CRAMPED } from "@/parts/hidden";
import { useUi } from "@/session/ui-store";

const ALL = "";

/** What every screen is about: one channel, or all. */
export function ChannelFilter() {
  const { channel, set } = useUi();
  const { data } = useQuery(channelsQuery);
  const items = data?.items ?? [];
  const known = channel === null || items.some((one) => one.id === channel);
  return (
    <Select
      size="small" displayEmpty variant="outlined" value={known ? (channel ?? ALL) : ALL}
      onChange={(event) => { set({ channel: event.target.value || null }); }}
      slotProps={{ input: { "aria-label": "Channel" } }}
      sx={{ minWidth: 168, height: 32, fontSize: 14, [CRAMPED]: { minWidth: 0, flexShrink: 1 } }}
    >
      <MenuItem value={ALL}>All channels</MenuItem>
      {items.map((one) => <MenuItem key={one.id} value={one.id}>{one.name}</MenuItem>)}
    </Select>
  );
}
