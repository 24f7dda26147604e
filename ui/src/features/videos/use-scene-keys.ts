import type { Player } from "@/api/schema";
import { type Playhead, spanAt } from "@/parts/playhead";
import { useShortcuts } from "@/parts/shortcuts";

/** Keys that go through a film scene by scene. */
export function useSceneKeys(player: Player | undefined, playhead: Playhead): void {
  const go = (by: number) => {
    const scenes = player?.scenes ?? [];
    const shown = spanAt(scenes, playhead.now());
    const next = scenes[Math.min(scenes.length - 1, Math.max(0, (shown === undefined ? 0 : scenes.indexOf(shown)) + by))];
    if (next !== undefined) playhead.seek(next.start_s);
  };
  useShortcuts("Film", player === undefined || player.scenes.length === 0 ? [] : [
    { keys: "j", does: "next scene", run: () => { go(1); } },
    { keys: "k", does: "scene before", run: () => { go(-1); } },
    { keys: "p", does: "play or pause", run: playhead.toggle },
  ]);
}
