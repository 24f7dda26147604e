import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import type { Player, VideoView } from "@/api/schema";
import type { Playhead } from "@/parts/playhead";
import { toast } from "@/parts/toasts";

/** Reads the film and the script again when the video moves on; a film that was made again from here is shown from its first changed scene. */
export function useNewVersion(video: VideoView, player: Player | undefined, playhead: Playhead): (at: number) => void {
  const queries = useQueryClient();
  const awaited = useRef<{ at: number; before: string } | null>(null);
  const standing = `${video.status} ${video.approval ?? ""}`;
  const last = useRef(standing);
  useEffect(() => {
    if (last.current === standing) return;
    last.current = standing;
    void queries.invalidateQueries({ queryKey: ["videos"] });
  }, [queries, standing]);
  const digest = player?.video.digest;
  useEffect(() => {
    const wanted = awaited.current;
    if (wanted === null || digest === undefined || digest === wanted.before) return;
    awaited.current = null;
    playhead.seek(wanted.at);
    playhead.play();
    toast("success", "The new version is here; it plays from the first scene that changed.");
  }, [digest, playhead]);
  return (at) => { awaited.current = { at, before: digest ?? "" }; };
}
