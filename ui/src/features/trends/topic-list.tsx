import Box from "@mui/material/Box";
import { Link } from "react-router-dom";

import type { TrendView } from "@/api/schema";
import { Panel } from "@/parts/panel";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { count, plain } from "@/parts/words";

import { type Cluster, scoreOf, trust } from "./queries";
import { Sparkline } from "./sparkline";

export function TopicList({ cluster, chosen, search }: { cluster: Cluster; chosen: string; search: string }) {
  return (
    <Panel title={plain(cluster.name)} aside={<Box component="span" sx={{ fontSize: 12, color: "text.secondary" }}>{count(cluster.topics.length, "topic")}</Box>} flush>
      {cluster.topics.map((one) => <Topic key={one.topic_id} topic={one} chosen={one.topic_id === chosen} search={search} />)}
    </Panel>
  );
}

function Topic({ topic, chosen, search }: { topic: TrendView; chosen: boolean; search: string }) {
  const score = scoreOf(topic);
  const { state, word } = trust(topic.forecast);
  return (
    <Box
      component={Link} to={{ pathname: `/trends/${topic.topic_id}`, search }} replace aria-current={chosen ? "true" : undefined}
      sx={{
        display: "flex", alignItems: "center", gap: 3, paddingInline: 4, paddingBlock: 2.5, color: "inherit", textDecoration: "none", borderTop: 1, borderColor: "divider", "&:first-of-type": { borderTop: 0 },
        boxShadow: chosen ? "inset 3px 0 0 var(--mui-palette-primary-main)" : "none", backgroundColor: chosen ? "action.selected" : "transparent", "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 },
      }}
    >
      <Box sx={{ flex: 1, minWidth: 0, display: "grid", gap: 1 }}>
        <Box sx={{ fontSize: 14, fontWeight: 560, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{topic.topic}</Box>
        <Box sx={{ fontSize: 12, color: chosen ? "text.primary" : "text.secondary", display: "flex", gap: 2, alignItems: "center", flexWrap: "wrap" }}>
          <span>{count(topic.sources.length, "source")}, <When at={topic.last_seen} /></span>
          {topic.refused.length > 0 ? <StateChip state="refused" word="passed over" /> : <StateChip state={state} word={word} />}
        </Box>
      </Box>
      <Sparkline topic={topic} />
      <Box sx={{ width: 34, textAlign: "end", fontSize: 14, fontWeight: 600 }} title="Score, 0 to 100">{score === null ? "–" : Math.round(score * 100)}</Box>
    </Box>
  );
}
