import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import { useEffect, useRef, useState } from "react";

import type { Player } from "@/api/schema";
import { Icon } from "@/parts/icon";
import { Panel } from "@/parts/panel";
import { type Playhead, useAt } from "@/parts/playhead";
import { clock } from "@/parts/scrubber";
import { Stills } from "@/parts/stills";
import { duration, plain } from "@/parts/words";

type Scene = Player["scenes"][number];

/** Kept free for what is made again, so that nothing moves when that is told. */
const AGAIN = "14px";
/** A frame's height, wide or tall. */
const STILL = 70;

interface Parts {
  player: Player;
  playhead: Playhead;
  /** Scenes that what is being edited makes again. */
  again: ReadonlySet<string>;
}

/** The scenes of a film in a row: a frame of each, what kind of picture it is, and how long it is seen. */
export function SceneStrip({ player, playhead, again }: Parts) {
  const shown = useAt(playhead, player.scenes);
  const stills = useStills(player);
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const card = [...(row.current?.children ?? [])].find((one) => one instanceof HTMLElement && one.dataset["scene"] === shown);
    card?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [shown]);
  if (player.scenes.length === 0) return null;
  return (
    <Panel title="Scenes" flush>
      <Box ref={row} role="group" aria-label="Scenes" sx={{ display: "flex", gap: 2, padding: 3, overflowX: "auto", overscrollBehaviorX: "contain" }}>
        {player.scenes.map((one, at) => (
          <Card key={one.id} scene={one} number={at + 1} shape={`${String(player.width)} / ${String(player.height)}`} stills={stills} isShown={one.id === shown} isAgain={again.has(one.id)} onSeek={() => { playhead.seek(one.start_s); }} />
        ))}
      </Box>
    </Panel>
  );
}

function useStills(player: Player): Stills | null {
  const { url } = player.video;
  const there = player.video.kept;
  const [stills, setStills] = useState<Stills | null>(null);
  useEffect(() => {
    if (!there) return undefined;
    const made = new Stills(url);
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the hidden player begins and ends with the film that it shows
    setStills(made);
    return () => { made.end(); setStills(null); };
  }, [url, there]);
  return stills;
}

interface CardParts {
  scene: Scene;
  number: number;
  shape: string;
  stills: Stills | null;
  isShown: boolean;
  isAgain: boolean;
  onSeek: () => void;
}

function Card({ scene, number, shape, stills, isShown, isAgain, onSeek }: CardParts) {
  const length = scene.end_s - scene.start_s;
  // What is read aloud says what is seen, word for word: hence the spaces, which are not seen.
  return (
    <ButtonBase
      data-scene={scene.id} onClick={onSeek} aria-current={isShown} aria-label={`Scene ${String(number)}, ${plain(scene.visual)}, ${duration(length)}${isAgain ? ", made again" : ""}, from ${clock(scene.start_s)}`} title={[scene.title, scene.credit, scene.why].filter(Boolean).join(". ")}
      sx={{ flex: "0 0 132px", display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gridTemplateRows: `auto auto ${AGAIN}`, gap: 1, alignContent: "start", textAlign: "start", padding: 1, borderRadius: 1, border: 2, borderColor: isShown ? "primary.main" : isAgain ? "tone.waiting.ink" : "transparent", "&:hover": { backgroundColor: "action.hover" } }}
    >
      <Still at={scene.start_s + length / 2} shape={shape} stills={stills} />
      <Box component="span" data-figures sx={{ display: "flex", gap: 1, fontSize: 12, alignItems: "baseline" }}>
        <Box component="span" sx={{ fontWeight: 600 }}>{number}</Box>{" "}
        <Box component="span" sx={{ flex: 1, minWidth: 0, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{plain(scene.visual)}</Box>{" "}
        <Box component="span" sx={{ color: "text.secondary" }}>{duration(length)}</Box>
      </Box>{" "}
      {isAgain ? <Box component="span" sx={{ display: "flex", alignItems: "center", gap: 1, fontSize: 11, lineHeight: 1, color: "tone.waiting.ink" }}><Icon name="refresh" sx={{ fontSize: 12 }} />made again</Box> : null}
    </ButtonBase>
  );
}

/** A frame of the film, drawn once the card is in sight; the kind of film until then and where there is none. */
function Still({ at, shape, stills }: { at: number; shape: string; stills: Stills | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const shown = canvas.current;
    if (stills === null || shown === null || typeof IntersectionObserver === "undefined") return undefined;
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watch.disconnect();
      stills.want(at, shown);
    });
    watch.observe(shown);
    return () => { watch.disconnect(); };
  }, [at, stills]);
  return (
    <Box component="span" sx={{ position: "relative", display: "grid", placeItems: "center", justifySelf: "center", maxWidth: "100%", height: STILL, aspectRatio: shape, borderRadius: 1, overflow: "hidden", backgroundColor: "action.hover", color: "text.secondary" }}>
      <Icon name="film" />
      <canvas ref={canvas} aria-hidden style={{ position: "absolute", inset: 0, width: "100%", height: "100%", objectFit: "cover" }} />
    </Box>
  );
}
