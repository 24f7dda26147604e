import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router-dom";

import { playerQuery, scriptQuery } from "@/api/queries";
import type { VideoView } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { Film, FilmRoom } from "@/parts/film";
import { Icon } from "@/parts/icon";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { useSession } from "@/session/session-store";

import { Facts } from "./facts";
import { Files } from "./files";
import { PullBackDialog } from "./pull-back-dialog";
import { videoQuery } from "./queries";
import { ScriptStrip } from "./script-strip";

const MAKING_POLL_MS = 5_000;
/** Where what the run gave as its reasons is why nothing came of it; elsewhere it is no trouble. */
const CAME_TO_NOTHING = new Set(["refused", "rejected", "failed", "stuck"]);
const CAN_BE_PULLED = new Set(["published", "scheduled"]);

/** One video: where it stands and what it waits for, the film, its script by chapters, its files and what it cost. */
export default function VideoPage() {
  const { id = "" } = useParams();
  const poll = usePoll(MAKING_POLL_MS);
  // Of the end of a pull-back no event tells.
  const video = useQuery({ ...videoQuery(id), refetchInterval: (query) => (query.state.data?.status === "pulling_back" ? MAKING_POLL_MS : poll) });
  return <QueryView query={video} loading={<Page title="Video"><Box sx={{ height: 400 }} /></Page>}>{(data) => <Shown video={data} />}</QueryView>;
}

function Shown({ video }: { video: VideoView }) {
  const [pulling, setPulling] = useState(false);
  const may = useSession((session) => session.permissions.has("videos:edit"));
  const script = useQuery({ ...scriptQuery(video.id), retry: false });
  const player = useQuery({ ...playerQuery(video.id), retry: false });
  return (
    <Page
      title={video.title || video.topic || "A topic is being found"}
      actions={
        <>
          <StateChip state={video.status} />
          {video.approval === null ? null : <Button component={Link} to={`/approvals/${video.approval}`} variant="contained" startIcon={<Icon name="hand" />}>Decide</Button>}
          {may && CAN_BE_PULLED.has(video.status) ? <Button color="error" variant="outlined" startIcon={<Icon name="undo" />} onClick={() => { setPulling(true); }}>Pull back</Button> : null}
        </>
      }
    >
      <Typography variant="body2" color="textSecondary">{sentence(video)}</Typography>
      {video.reasons.length === 0 || !CAME_TO_NOTHING.has(video.status) ? null : <Alert severity="warning" variant="outlined">{video.reasons.join("; ")}</Alert>}
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "minmax(0, 1fr) 340px" }, gap: 4, alignItems: "start" }}>
        <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
          {player.isError ? <FilmRoom><EmptyView icon="film" title="There is no film yet">It appears here by itself once it is rendered.</EmptyView></FilmRoom> : <Film video={video.id} />}
          {script.isError ? <Panel title="Script"><EmptyView icon="edit" title="There is no script yet" /></Panel> : <QueryView query={script}>{(data) => <ScriptStrip script={data} />}</QueryView>}
        </Box>
        <Box sx={{ display: "grid", gap: 4 }}>
          <Facts video={video} />
          <Files video={video.id} />
        </Box>
      </Box>
      {pulling ? <PullBackDialog video={video} onClose={() => { setPulling(false); }} /> : null}
    </Page>
  );
}

/** Where it stands, as a person says it: the service's own words, made a sentence. */
function sentence(video: VideoView): string {
  const words = video.words.charAt(0).toUpperCase() + video.words.slice(1);
  return video.waits_for === null ? `${words}.` : `${words}. It waits for ${video.waits_for}.`;
}
