import Typography from "@mui/material/Typography";
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { answerOf, api } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { EditForeseen } from "@/api/schema";

import type { Draft, Editing } from "./script-draft";
import { count, duration, money } from "./words";

const QUIET_MS = 400;

/** What an edit would make again, asked when nobody has typed for a moment. */
export function useForeseen(video: string, { draft, differs, whole }: Editing): UseQueryResult<EditForeseen> {
  const [settled, setSettled] = useState<Draft | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => { setSettled(differs && whole ? draft : null); }, QUIET_MS);
    return () => { clearTimeout(timer); };
  }, [draft, differs, whole]);
  return useQuery({
    queryKey: ["foreseen", video, settled],
    queryFn: ({ signal }) => answerOf(api.POST("/v1/videos/{video_id}/script/preview", { params: { path: { video_id: video } }, body: settled ?? { title: "", beats: [] }, signal })),
    enabled: settled !== null,
    placeholderData: settled === null ? undefined : keepPreviousData,
    retry: false,
    staleTime: Infinity,
  });
}

/** What the foresight says, in one sentence. */
export function inWords(told: EditForeseen): string {
  if (told.scenes_total === 0) return `${told.why.charAt(0).toUpperCase()}${told.why.slice(1)}.`;
  const scenes = told.scenes.length === 0 ? "Makes no scene again" : `Makes ${String(told.scenes.length)} of ${count(told.scenes_total, "scene")} again (${duration(told.film_s)} of ${duration(told.film_total_s)})`;
  const work = told.work_s === null ? "" : `, about ${duration(told.work_s)}`;
  const cost = told.cost_usd === null ? "" : `, ${told.cost_usd === 0 ? "at no cost" : `about ${money(told.cost_usd)}`}`;
  return `${scenes}${work}${cost}.${told.why === "" ? "" : ` ${told.why.charAt(0).toUpperCase()}${told.why.slice(1)}.`}`;
}

/** Tells before saving what saving does, or why it would be refused. */
export function ForeseenLine({ foreseen, editing }: { foreseen: UseQueryResult<EditForeseen>; editing: Editing }) {
  const refused = editing.differs && foreseen.isError;
  return (
    <Typography variant="body2" component="p" role="status" data-figures sx={{ flex: 1, minHeight: 20, color: refused ? "error.main" : "text.secondary" }}>
      {words(foreseen, editing, refused)}
    </Typography>
  );
}

function words(foreseen: UseQueryResult<EditForeseen>, { differs, whole }: Editing, refused: boolean): string {
  if (!differs) return "Nothing is changed.";
  if (!whole) return "Something is empty: a title, a chapter or a sentence.";
  if (refused) return asProblem(foreseen.error).message;
  return foreseen.data === undefined ? "Reckoning what is made again…" : inWords(foreseen.data);
}
