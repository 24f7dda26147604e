import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import Skeleton from "@mui/material/Skeleton";
import Tooltip from "@mui/material/Tooltip";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { playerQuery } from "@/api/queries";
import type { Player } from "@/api/schema";

import { FilmGone } from "./film-gone";
import { type Playhead, usePlayhead } from "./playhead";
import { QueryView } from "./query-view";
import { Scrubber } from "./scrubber";
import { duration } from "./words";

/** Of the room, whatever the shape of the film in it. */
const SHAPE = "16 / 9";
const MOST_HEIGHT = "52vh";
const STRIP = 24;
/** The film, the scrubber, the chapters. */
const ROWS = `auto ${String(STRIP)}px ${String(STRIP)}px`;

/** The room that a film takes with the strip below it: what stands there until it comes is as large, so that nothing moves when it does. */
export function FilmRoom({ children }: { children: ReactNode }) {
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateRows: ROWS }}>
      <Box sx={{ aspectRatio: SHAPE, maxHeight: MOST_HEIGHT, minWidth: 0, width: "100%", display: "grid", placeItems: "center", borderRadius: 1, border: 1, borderColor: "divider", backgroundColor: "background.paper", overflow: "hidden" }}>{children}</Box>
    </Box>
  );
}

/** The film with its captions; the strips below mark where each scene and each chapter begins. */
export function Film({ video, playhead }: { video: string; playhead?: Playhead }) {
  const player = useQuery(playerQuery(video));
  const own = usePlayhead();
  return <QueryView query={player} loading={<FilmRoom><Skeleton sx={{ width: "100%", height: "100%" }} /></FilmRoom>}>{(data) => <Playing key={data.video.digest} player={data} playhead={playhead ?? own} />}</QueryView>;
}

function Playing({ player, playhead }: { player: Player; playhead: Playhead }) {
  const [lost, setLost] = useState(false);
  const captions = player.captions.find((one) => one.media_type === "text/vtt");
  if (lost || !player.video.kept) return <FilmRoom><FilmGone /></FilmRoom>;
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateRows: ROWS }}>
      <video
        ref={(film) => { playhead.attach(film); }} controls preload="metadata" src={player.video.url} {...(player.thumbnail ? { poster: player.thumbnail.url } : {})} aria-label={`Film: ${player.title}`} onError={() => { setLost(true); }}
        onLoadedMetadata={playhead.tell} onTimeUpdate={playhead.tell} onSeeked={playhead.tell}
        style={{ width: "100%", aspectRatio: SHAPE, maxHeight: MOST_HEIGHT, borderRadius: 8, background: "#101114", display: "block" }}
      >
        <track kind="captions" src={captions?.url} srcLang={player.language} label="Captions" default />
      </video>
      {player.scenes.length < 2 ? <span /> : <Scrubber player={player} playhead={playhead} />}
      <Chapters player={player} onSeek={playhead.seek} />
    </Box>
  );
}

function Chapters({ player, onSeek }: { player: Player; onSeek: (at: number) => void }) {
  if (player.chapters.length < 2) return null;
  return (
    <Box role="group" aria-label="Chapters" sx={{ display: "flex", gap: "2px" }}>
      {player.chapters.map((one, at) => {
        const end = player.chapters[at + 1]?.start_s ?? player.duration_s;
        return (
          <Tooltip key={one.start_s} title={`${one.title}, from ${duration(one.start_s)}`}>
            <ButtonBase
              onClick={() => { onSeek(one.start_s); }} aria-label={`Go to ${one.title}`}
              sx={{ flex: Math.max(end - one.start_s, 0.1), minWidth: 8, justifyContent: "flex-start", paddingInline: 2, height: STRIP, fontSize: 12, color: "text.secondary", backgroundColor: "action.hover", "&:hover": { backgroundColor: "action.selected", color: "text.primary" }, "&:first-of-type": { borderRadius: "6px 0 0 6px" }, "&:last-of-type": { borderRadius: "0 6px 6px 0" } }}
            >
              <Box component="span" sx={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{one.title}</Box>
            </ButtonBase>
          </Tooltip>
        );
      })}
    </Box>
  );
}
