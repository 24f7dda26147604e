import Box from "@mui/material/Box";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { VideoView } from "@/api/schema";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { LoadingView } from "@/parts/loading-view";
import { toast } from "@/parts/toasts";
import { useNow } from "@/parts/use-now";
import { relative } from "@/parts/words";

import { effectOf, readForMove, sendMove } from "./calendar/moves";
import { shownAt } from "./calendar/placed";
import { HERE, useZone } from "./calendar/use-zone";
import { DAY_MS, localFrom, localOf, MINUTE_MS, momentOf, told, typedOf } from "./calendar/zoned";
import { videoQuery } from "./queries";

const HOUR_MS = 60 * MINUTE_MS;
/** What the service takes, which has the last word. */
const SOONEST_MIN = 5;
const FARTHEST_DAYS = 366;

/** Moves when a video is shown, by the clocks of its channel: what that does is told before, and why it stays where it is told here. */
export function MoveDialog({ video, onClose }: { video: VideoView; onClose: () => void }) {
  // Of no noun: what the move is based on is what was looked at, not what events made of it meanwhile.
  const base = useQuery({ queryKey: ["move", video.id], queryFn: () => readForMove(video.id), staleTime: Infinity, gcTime: 0 });
  const { zone, words, known } = useZone(video.channel);
  const move = useMove(video, zone, onClose, () => void base.refetch());
  const now = useNow();
  const [opened] = useState(Date.now);
  const [typed, setTyped] = useState<string | null>(null);
  const seen = known ? base.data : undefined;
  const at = seen === undefined ? null : shownAt(seen.body);
  const value = typed ?? typedOf(localOf(beginning(at, opened), zone));
  const wish = seen === undefined || seen.body.why_fixed !== "" ? NONE : wishOf(value, zone, at, now);
  const type = (what: string) => {
    setTyped(what);
    move.reset();
  };
  const send = () => { if (seen !== undefined && wish.to !== null) move.mutate({ to: wish.to, etag: seen.etag }); };
  return (
    <ConfirmDialog title="Move it to another time" action="Move it" ready={wish.to !== null} busy={move.isPending} error={move.error ?? base.error} onConfirm={send} onClose={onClose}>
      {seen !== undefined ? (
        <Box sx={{ display: "grid", gap: 4 }}>
          <Stands video={seen.body} at={at} zone={zone} now={now} />
          <TextField
            autoFocus type="datetime-local" label="New time" value={value} onChange={(event) => { type(event.target.value); }} disabled={seen.body.why_fixed !== ""} error={wish.wrong} helperText={wish.said}
            slotProps={{ inputLabel: { shrink: true }, formHelperText: { "aria-live": "polite" }, htmlInput: { min: typedOf(localOf(opened, zone)), max: typedOf(localOf(opened + FARTHEST_DAYS * DAY_MS, zone)) } }}
          />
          <Typography variant="caption" color="textSecondary">{words}</Typography>
        </Box>
      ) : base.isError ? null : <LoadingView rows={3} height={40} />}
    </ConfirmDialog>
  );
}

/** When it is to be shown as things stand, and what moving it does. */
function Stands({ video, at, zone, now }: { video: VideoView; at: number | null; zone: string; now: number }) {
  const stands = at === null ? "It is shown once it is approved." : `It ${at > now ? "is" : "was"} to be shown on ${told(localOf(at, zone))}, ${relative(at, now)}.`;
  return <Typography variant="body2">{stands} {video.why_fixed === "" ? effectOf(video) : `It cannot be moved: ${video.why_fixed}.`}</Typography>;
}

function useMove(video: VideoView, zone: string, onClose: () => void, onStays: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ to, etag }: { to: number; etag: string }) => sendMove(video.id, to, etag),
    onSuccess: (moved, { to }) => {
      const when = `${told(localOf(to, zone))} (${zone})`;
      const name = `"${video.title || video.topic}"`;
      if (moved.moving) toast("info", `${name} is being moved to ${when}. Its platform takes its time; this page tells how that ends.`);
      else toast("success", moved.status === "scheduled" ? `${name} is now shown on ${when}.` : `${name} is listed for ${when}, and asked about anew.`);
      queries.setQueryData(videoQuery(video.id).queryKey, moved);
      void queries.invalidateQueries({ queryKey: ["approvals"] });
      onClose();
    },
    onError: onStays,
    onSettled: () => void queries.invalidateQueries({ queryKey: ["videos"] }),
  });
}

/** What the field begins with: its time, or a full hour for what has none to come. */
function beginning(at: number | null, now: number): number {
  return at !== null && at > now ? at : Math.ceil((now + HOUR_MS) / HOUR_MS) * HOUR_MS;
}

interface Wish {
  /** The moment that is wished for; null: it cannot be had. */
  to: number | null;
  said: string;
  wrong: boolean;
}

const NONE: Wish = { to: null, said: "", wrong: false };

/** What was typed, as a moment, and what there is to say about it. */
function wishOf(typed: string, zone: string, at: number | null, now: number): Wish {
  const refused = (said: string, wrong = true): Wish => ({ to: null, said, wrong });
  const local = localFrom(typed);
  if (local === null) return refused("Give a day and a time");
  const to = momentOf(local, zone);
  if (to < now + SOONEST_MIN * MINUTE_MS) return refused(`Give a time at least ${String(SOONEST_MIN)} minutes from now`);
  if (to > now + FARTHEST_DAYS * DAY_MS) return refused(`Give a time at most ${String(FARTHEST_DAYS)} days from now`);
  if (at !== null && Math.floor(at / MINUTE_MS) === Math.floor(to / MINUTE_MS)) return refused("That is its time already: choose another", false);
  const here = zone === HERE ? "" : `; ${told(localOf(to, HERE))} in ${HERE}, where you are`;
  return { to, said: `${told(localOf(to, zone))} in ${zone}, ${relative(to, now)}${here}`, wrong: false };
}
