import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { VideoView } from "@/api/schema";
import { Panel } from "@/parts/panel";
import { When } from "@/parts/when";
import { absolute, count, duration, money, plain } from "@/parts/words";

import { runCostsQuery } from "./queries";

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Box sx={{ display: "flex", gap: 3, fontSize: 13 }}>
      <Box component="dt" sx={{ width: 96, flexShrink: 0, color: "text.secondary" }}>{name}</Box>
      <Box component="dd" sx={{ margin: 0, minWidth: 0, overflowWrap: "anywhere" }}>{children}</Box>
    </Box>
  );
}

/** Why an approved video stays where it is, where it would have a button. */
function FixedTime({ video }: { video: VideoView }) {
  if (video.status !== "scheduled" || video.why_fixed === "") return null;
  return <Box component="span" sx={{ display: "block", fontSize: 12, color: "text.secondary" }}>Not to be moved now: {video.why_fixed}</Box>;
}

export function Facts({ video }: { video: VideoView }) {
  const costs = useQuery({ ...runCostsQuery(video.run ?? ""), enabled: video.run !== null });
  return (
    <Panel title="About it">
      <Box component="dl" data-figures sx={{ margin: 0, display: "grid", gap: 2.5, alignContent: "start", minHeight: 380 }}>
        <Fact name="Channel">{video.channel}</Fact>
        <Fact name="Topic">{video.topic}</Fact>
        <Fact name="Kind">{video.provenance}, {plain(video.format)}, {duration(video.seconds)}</Fact>
        <Fact name="Begun"><When at={video.created_at} /></Fact>
        {video.publish_at ? <Fact name="Shown at">{absolute(video.publish_at)}<FixedTime video={video} /></Fact> : null}
        <Fact name="Published">{video.published_at && video.status !== "scheduled" ? <When at={video.published_at} /> : "not yet"}</Fact>
        <Fact name="Publisher">{video.publisher ? plain(video.publisher) : "not yet"}</Fact>
        <Fact name="Cost">{costs.data ? <>{money(costs.data.total_usd)} in {count(costs.data.calls, "call")}{costs.data.by_provider.length > 0 ? `: ${costs.data.by_provider.map((one) => `${one.key} ${money(one.usd)}`).join(", ")}` : ""}</> : "nothing yet"}</Fact>
        {video.url && /^https?:/.test(video.url) ? <Fact name="Address"><Link href={video.url} target="_blank" rel="noreferrer noopener">{video.url}</Link></Fact> : null}
      </Box>
    </Panel>
  );
}
