import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";

import { channelsQuery } from "@/api/queries";
import type { ChannelView } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { money, plain } from "@/parts/words";

import { Row } from "./row";

function standing(channel: ChannelView): { state: string; word: string } {
  if (channel.paused) return { state: "paused", word: "paused" };
  if (channel.held_until !== null) return { state: "waiting", word: "held" };
  return { state: "ok", word: "working" };
}

export function ChannelsPanel({ channel }: { channel: string | null }) {
  const channels = useQuery(channelsQuery);
  return (
    <Panel title="Channels" flush>
      <QueryView query={channels} loading={<Box sx={{ padding: 4 }}><LoadingView rows={2} height={38} /></Box>}>
        {(data) => {
          const shown = data.items.filter((one) => channel === null || one.id === channel);
          if (shown.length === 0) return <EmptyView icon="channel" title="No channel yet">A channel begins with a personality.</EmptyView>;
          return (
            <Box sx={{ "& > * + *": { borderTop: 1, borderColor: "divider" } }}>
              {shown.map((one) => (
                <Row
                  key={one.id} to={`/channels/${one.id}`} title={one.name}
                  under={`${plain(one.autonomy)}; ${one.budget_day_usd === null ? "no limit of its own" : `${money(one.budget_day_usd)} a day`}${one.paused_reason ? `; ${one.paused_reason}` : ""}`}
                  aside={<StateChip {...standing(one)} />}
                />
              ))}
            </Box>
          );
        }}
      </QueryView>
    </Panel>
  );
}
