import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router-dom";

import { channelsQuery } from "@/api/queries";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { Icon } from "@/parts/icon";
import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { QueryView } from "@/parts/query-view";
import { useShortcuts } from "@/parts/shortcuts";
import { useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

import { ChannelTable } from "./channel-table";
import { accountsQuery } from "./queries";

const POLL_MS = 60_000;

/** Every channel, how it stands, and how far it may go by itself. */
export default function ChannelsPage() {
  const navigate = useNavigate();
  const only = useUi((ui) => ui.channel);
  const mayCreate = useSession((session) => session.permissions.has("channels:create"));
  const channels = useQuery({ ...channelsQuery, refetchInterval: usePoll(POLL_MS) });
  const accounts = useQuery({ ...accountsQuery, refetchInterval: usePoll(POLL_MS) });
  useShortcuts("Channels", mayCreate ? [{ keys: "n", does: "make a channel", run: () => { void navigate("/channels/new"); } }] : []);
  const make = mayCreate ? <Button component={Link} to="/channels/new" variant="contained" startIcon={<Icon name="plus" />}>Make a channel</Button> : null;
  return (
    <Page title="Channels" actions={make}>
      <Paper sx={{ overflow: "hidden" }}>
        <QueryView query={channels} loading={<LoadingView rows={5} height={56} />}>
          {(data) => {
            const shown = data.items.filter((one) => only === null || one.id === only);
            if (shown.length > 0) return <ChannelTable channels={shown} accounts={accounts.data?.items} />;
            return <EmptyView icon="channel" title="No channel yet" action={make}>{mayCreate ? "A channel begins with a personality: who speaks, about what, and how." : "An admin of the studio makes the first one."}</EmptyView>;
          }}
        </QueryView>
      </Paper>
    </Page>
  );
}
