import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { type ComponentType, type ReactNode, useState } from "react";
import { Link, useParams } from "react-router-dom";

import { asProblem } from "@/api/problem";
import { playerQuery } from "@/api/queries";
import type { EditForeseen, VideoView } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { Film, FilmRoom } from "@/parts/film";
import { Icon } from "@/parts/icon";
import { Page } from "@/parts/page";
import { Panel } from "@/parts/panel";
import { usePlayhead } from "@/parts/playhead";
import { ProblemView } from "@/parts/problem-view";
import { QueryView } from "@/parts/query-view";
import { useShortcuts } from "@/parts/shortcuts";
import { StateChip } from "@/parts/state-chip";
import { useSession } from "@/session/session-store";

import { AgentTimeline } from "./agent-timeline";
import { Audience } from "./audience";
import { BeingMade } from "./being-made";
import { Facts } from "./facts";
import { Files } from "./files";
import { Gates } from "./gates";
import { MoveDialog } from "./move-dialog";
import { PullBackDialog } from "./pull-back-dialog";
import { videoQuery } from "./queries";
import { SceneStrip } from "./scene-strip";
import { ScriptPanel } from "./script-panel";
import { useNewVersion } from "./use-new-version";
import { useSceneKeys } from "./use-scene-keys";

const MAKING_POLL_MS = 5_000;
/** Where what the run gave as its reasons is why nothing came of it; elsewhere it is no trouble. */
const CAME_TO_NOTHING = new Set(["refused", "rejected", "failed", "stuck"]);
const CAN_BE_PULLED = new Set(["published", "scheduled"]);
/** As high as the strip of scenes. */
const SCENES_HEIGHT = 190;
const NONE: ReadonlySet<string> = new Set();

/** One video: where it stands and what it waits for, its film by scenes, its script to read along or change, who made what of it, and what came of it. */
export default function VideoPage() {
  const { id = "" } = useParams();
  const poll = usePoll(MAKING_POLL_MS);
  // Of the end of a pull-back or a move no event tells.
  const video = useQuery({ ...videoQuery(id), refetchInterval: ({ state }) => (state.data?.status === "pulling_back" || state.data?.moving?.state === "waiting" ? MAKING_POLL_MS : poll) });
  return <QueryView query={video} loading={<Page title="Video"><Box sx={{ height: 400 }} /></Page>}>{(data) => <Shown key={data.id} video={data} />}</QueryView>;
}

function Shown({ video }: { video: VideoView }) {
  const may = useSession((session) => session.permissions).has("videos:edit");
  const [foreseen, setForeseen] = useState<EditForeseen | undefined>();
  const playhead = usePlayhead();
  const player = useQuery({ ...playerQuery(video.id), retry: false });
  const onTaken = useNewVersion(video, player.data, playhead);
  useSceneKeys(player.data, playhead);
  const again = foreseen === undefined ? NONE : new Set(foreseen.scenes.map((one) => one.id));
  return (
    <Page title={video.title || video.topic || "A topic is being found"} actions={<Actions video={video} may={may} />}>
      <Typography variant="body2" color="textSecondary">{sentence(video)}</Typography>
      <Troubles video={video} />
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "minmax(0, 1fr) 340px" }, gap: 4, alignItems: "start" }}>
        <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
          {player.isError && player.data === undefined ? <NoFilm error={player.error} onRetry={() => void player.refetch()} /> : <Film video={video.id} playhead={playhead} />}
          <UnderFilm run={video.status === "making" ? video.run : null}>{player.data === undefined || player.data.scenes.length === 0 ? null : <SceneStrip player={player.data} playhead={playhead} again={again} />}</UnderFilm>
          <ScriptPanel video={video.id} may={may} player={player.data} playhead={playhead} onForeseen={setForeseen} onTaken={onTaken} />
          <OfItsRun run={video.run} shown={AgentTimeline} />
        </Box>
        <Box sx={{ display: "grid", gap: 4 }}>
          <Facts video={video} />
          <ItsAudience publication={video.publication} />
          <OfItsRun run={video.run} shown={Gates} />
          <Files video={video.id} />
        </Box>
      </Box>
    </Page>
  );
}

function Troubles({ video: { reasons, status, moving } }: { video: VideoView }) {
  return (
    <>
      {reasons.length === 0 || !CAME_TO_NOTHING.has(status) ? null : <Alert severity="warning" variant="outlined">{reasons.join("; ")}</Alert>}
      {moving?.state === "failed" ? <Alert severity="warning" variant="outlined">It was not moved{moving.error ? `: ${moving.error}` : ""}. It keeps its time.</Alert> : null}
    </>
  );
}

/** Below the film: its scenes, what is being made of it, or the room for them, so that the script does not move when they come. */
function UnderFilm({ run, children }: { run: string | null; children: ReactNode }) {
  return (
    <Box sx={{ display: "grid", gap: 4, minWidth: 0, minHeight: SCENES_HEIGHT }}>
      {children}
      {run === null ? null : <BeingMade run={run} />}
      {children === null && run === null ? <Panel title="Scenes"><Typography variant="body2" color="textSecondary">They stand here once there is a film.</Typography></Panel> : null}
    </Box>
  );
}

function Actions({ video, may }: { video: VideoView; may: boolean }) {
  const [asked, setAsked] = useState<"move" | "pull" | null>(null);
  const movable = may && video.why_fixed === "";
  const move = () => { setAsked("move"); };
  const close = () => { setAsked(null); };
  useShortcuts("Its time", movable ? [{ keys: "m", does: "move it to another time", run: move }] : []);
  return (
    <>
      <StateChip state={video.status} />
      {video.approval === null ? null : <Button component={Link} to={`/approvals/${video.approval}`} variant="contained" startIcon={<Icon name="hand" />}>Decide</Button>}
      {movable ? <Button color="inherit" variant="outlined" startIcon={<Icon name="calendar" />} onClick={move} aria-keyshortcuts="m">Move… <Box component="kbd" aria-hidden sx={{ marginInlineStart: 2 }}>m</Box></Button> : null}
      {may && CAN_BE_PULLED.has(video.status) ? <Button color="error" variant="outlined" startIcon={<Icon name="undo" />} onClick={() => { setAsked("pull"); }}>Pull back</Button> : null}
      {asked === "move" ? <MoveDialog video={video} onClose={close} /> : null}
      {asked === "pull" ? <PullBackDialog video={video} onClose={close} /> : null}
    </>
  );
}

/** What its run tells, for whom runs are no secret; a topic that no run took up has none. */
function OfItsRun({ run, shown: Part }: { run: string | null; shown: ComponentType<{ run: string }> }) {
  const may = useSession((session) => session.permissions).has("runs:read");
  return run !== null && may ? <Part run={run} /> : null;
}

function ItsAudience({ publication }: { publication: string | null }) {
  const may = useSession((session) => session.permissions).has("analytics:read");
  return publication !== null && may ? <Audience publication={publication} /> : null;
}

/** Not made yet, or made and lost: two different things, told apart. */
function NoFilm({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { code, status } = asProblem(error);
  if (code === "artifact_unknown") return <FilmRoom><EmptyView icon="film" title="There is no film yet">It appears here by itself once it is rendered.</EmptyView></FilmRoom>;
  if (code !== "artifact_missing" && code !== "artifact_corrupt" && status !== 404) return <ProblemView error={error} onRetry={onRetry} />;
  return (
    <FilmRoom>
      <EmptyView icon="film" title="The film cannot be read">It is gone from the media store. Kept are its decisions, costs and figures; bring the rest back from a backup (docs/backups.md). What was published stays where it was published.</EmptyView>
    </FilmRoom>
  );
}

/** Where it stands, as a person says it: the service's own words, made a sentence. */
function sentence(video: VideoView): string {
  const words = video.words.charAt(0).toUpperCase() + video.words.slice(1);
  const moving = video.moving?.state === "waiting" ? " It is being moved: its platform has not taken the new time yet." : "";
  return `${words}.${video.waits_for === null ? "" : ` It waits for ${video.waits_for}.`}${moving}`;
}
