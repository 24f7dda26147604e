import Slider from "@mui/material/Slider";

import type { Player } from "@/api/schema";

import { type Playhead, spanAt, useTime } from "./playhead";
import { plain } from "./words";

/** Seconds as a player shows them: `1:07`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, "0")}`;
}

/** A scrubber with a mark where each scene begins. */
export function Scrubber({ player, playhead }: { player: Player; playhead: Playhead }) {
  const at = useTime(playhead);
  const tell = (value: number) => {
    const scene = spanAt(player.scenes, value);
    const number = scene === undefined ? 0 : player.scenes.indexOf(scene) + 1;
    return `${clock(value)} of ${clock(player.duration_s)}${scene === undefined ? "" : `, scene ${String(number)} of ${String(player.scenes.length)}, ${plain(scene.visual)}`}`;
  };
  return (
    <Slider
      size="small" min={0} max={player.duration_s} step={0.1} value={Math.min(at, player.duration_s)} marks={player.scenes.map((one) => ({ value: one.start_s }))} getAriaLabel={() => "Place in the film"} getAriaValueText={tell}
      onChange={(_, value) => { if (typeof value === "number") playhead.seek(value); }} valueLabelDisplay="auto" valueLabelFormat={clock}
      sx={{ paddingBlock: "10px", "& .MuiSlider-mark": { width: 2, height: 10, borderRadius: 0, backgroundColor: "text.secondary", opacity: 0.7 }, "& .MuiSlider-thumb": { width: 12, height: 12 } }}
    />
  );
}
