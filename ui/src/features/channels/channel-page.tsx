import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router-dom";

import type { ChannelView } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { useSession } from "@/session/session-store";

import { ConnectionPanel } from "./connection-panel";
import { ControlPanel } from "./control-panel";
import { PauseButton } from "./pause-button";
import { PersonalityPanel } from "./personality-panel";
import { channelQuery } from "./queries";
import { QuotaPanel } from "./quota-panel";
import { SamenessPanel } from "./sameness-panel";
import { SchedulePanel } from "./schedule-panel";
import { standing } from "./standing";

const POLL_MS = 60_000;

/** One channel: who speaks, how far it goes by itself, when it publishes, and through whose account. */
export default function ChannelPage() {
  const { id = "" } = useParams();
  const mayEdit = useSession((session) => session.permissions.has("channels:edit"));
  const channel = useQuery({ ...channelQuery(id), refetchInterval: usePoll(POLL_MS) });
  const body = channel.data?.body;
  const actions = channel.data === undefined ? null : (
    <>
      <StateChip {...standing(channel.data.body)} />
      <Button component={Link} to="/channels" color="inherit">All channels</Button>
      {mayEdit ? <PauseButton channel={channel.data} /> : null}
    </>
  );
  return (
    <Page title={body?.name ?? "Channel"} actions={actions}>
      <QueryView query={channel} loading={<LoadingView rows={3} height={180} />}>
        {(read) => (
          <>
            <Held channel={read.body} />
            <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" }, gap: 4, alignItems: "start" }}>
              <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
                <ControlPanel key={id} channel={read} mayEdit={mayEdit} />
                <SchedulePanel key={`schedule-${id}`} id={id} mayEdit={mayEdit} />
                <SamenessPanel id={id} />
              </Box>
              <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
                <ConnectionPanel key={id} channel={read.body} />
                <QuotaPanel id={id} />
                <PersonalityPanel id={read.body.personality} />
              </Box>
            </Box>
          </>
        )}
      </QueryView>
    </Page>
  );
}

/** Why nothing happens, while nothing does. It stands there always: what comes and goes would move all that is below. */
function Held({ channel }: { channel: ChannelView }) {
  if (channel.paused) return <Alert severity="warning" variant="outlined">Paused{channel.paused_at ? <> <When at={channel.paused_at} /></> : null}: {channel.paused_reason ?? "no reason was given"}. Nothing new starts and nothing is published.</Alert>;
  if (channel.held_until !== null) return <Alert severity="warning" variant="outlined">Its queue waits and goes on <When at={channel.held_until} />{channel.held_reason ? `: ${channel.held_reason}` : ""}.</Alert>;
  return <Alert severity="success" variant="outlined" role="status">It works: what is due is made, and published as you set it here.</Alert>;
}
