import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";

import type { BucketView, ProjectQuota } from "@/api/schema";
import { usePoll } from "@/live/live-store";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { When } from "@/parts/when";
import { plain } from "@/parts/words";

import { quotasQuery } from "./queries";

const POLL_MS = 60_000;

function projectOf(projects: readonly ProjectQuota[], channel: string): ProjectQuota | undefined {
  return projects.find((one) => one.accounts.some((account) => account.channel === channel)) ?? (projects.length === 1 ? projects[0] : undefined);
}

/** What the platform still lets the studio do today. */
export function QuotaPanel({ id }: { id: string }) {
  const quotas = useQuery({ ...quotasQuery, refetchInterval: usePoll(POLL_MS) });
  const project = quotas.data === undefined ? undefined : projectOf(quotas.data.items, id);
  return (
    <Panel title="Quota today" aside={project ? <Typography variant="caption" color="textSecondary">begins anew <When at={project.resets_at} /></Typography> : undefined}>
      <QueryView query={quotas} loading={<LoadingView rows={2} height={36} />}>
        {() => (project === undefined ? <EmptyView icon="clock" title="No quota yet">It is counted from the first connected account on.</EmptyView> : <Buckets project={project} channel={id} />)}
      </QueryView>
    </Panel>
  );
}

function Buckets({ project, channel }: { project: ProjectQuota; channel: string }) {
  const own = project.accounts.find((one) => one.channel === channel);
  return (
    <Box sx={{ display: "grid", gap: 3 }}>
      {project.buckets.map((one) => <Bucket key={one.bucket} bucket={one} />)}
      {own?.uploads_closed_until ? <Typography variant="body2" sx={{ color: "tone.trouble.ink" }}>YouTube takes no more uploads of this channel until <When at={own.uploads_closed_until} />{own.reason ? `: ${own.reason}` : ""}.</Typography> : null}
      <Typography variant="caption" color="textSecondary">Project {project.project}; all channels of the studio share it.</Typography>
    </Box>
  );
}

function Bucket({ bucket }: { bucket: BucketView }) {
  const share = (part: number) => `${String(bucket.limit === 0 ? 0 : Math.min(100, (part / bucket.limit) * 100))}%`;
  const told = `${bucket.spent.toLocaleString("en-US")} spent, ${bucket.reserved.toLocaleString("en-US")} set aside, ${bucket.left.toLocaleString("en-US")} left of ${bucket.limit.toLocaleString("en-US")}`;
  return (
    <Box sx={{ display: "grid", gap: 1, fontSize: 13 }}>
      <Box sx={{ display: "flex", gap: 2 }}>
        <Box component="span" sx={{ flex: 1, fontWeight: 540 }}>{plain(bucket.bucket)}</Box>
        <Box component="span" sx={{ color: "text.secondary" }}>{told}</Box>
      </Box>
      <Box role="img" aria-label={`${plain(bucket.bucket)}: ${told}`} sx={{ display: "flex", height: 8, borderRadius: 1, overflow: "hidden", backgroundColor: "action.selected" }}>
        <Box sx={{ backgroundColor: "primary.main" }} style={{ width: share(bucket.spent) }} />
        <Box sx={{ backgroundColor: "primary.main", opacity: 0.45 }} style={{ width: share(bucket.reserved) }} />
      </Box>
      {bucket.closed_until ? <Box sx={{ color: "tone.trouble.ink" }}>Closed by the platform until <When at={bucket.closed_until} />{bucket.reason ? `: ${bucket.reason}` : ""}.</Box> : null}
    </Box>
  );
}
