import type { ReactNode } from "react";

import type { VideoRow } from "@/api/schema";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { duration, money } from "@/parts/words";

import type { Sort } from "./list-queries";

export interface Column {
  id: string;
  name: string;
  width: string;
  /** Its order and the other way round, the one that is expected first in front. */
  sorts?: readonly [Sort, Sort];
  cell: (video: VideoRow) => ReactNode;
}

export function titleOf(video: VideoRow): string {
  return video.title || video.topic || "a topic is being found";
}

/** When it was shown, is to be shown, or neither. */
function Moment({ video }: { video: VideoRow }) {
  const at = video.published_at ?? video.publish_at;
  return at ? <When at={at} /> : <span>not yet</span>;
}

/** The title is always there: it leads to the video. */
export const COLUMNS: readonly Column[] = [
  { id: "title", name: "Title", width: "minmax(240px, 1fr)", sorts: ["title", "-title"], cell: (one) => <b style={{ fontWeight: 540 }}>{titleOf(one)}</b> },
  { id: "channel", name: "Channel", width: "140px", cell: (one) => one.channel },
  { id: "status", name: "Status", width: "170px", cell: (one) => <StateChip state={one.status} /> },
  { id: "length", name: "Length", width: "90px", cell: (one) => duration(one.seconds) },
  { id: "cost", name: "Cost", width: "80px", cell: (one) => money(one.cost_usd) },
  { id: "shown", name: "Shown", width: "130px", sorts: ["-publish_at", "publish_at"], cell: (one) => <Moment video={one} /> },
  { id: "begun", name: "Begun", width: "110px", sorts: ["newest", "oldest"], cell: (one) => <When at={one.created_at} /> },
];
export const SORTS: readonly Sort[] = COLUMNS.flatMap((one) => one.sorts ?? []);
