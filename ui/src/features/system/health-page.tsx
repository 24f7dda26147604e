import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";

import type { Finding, Health } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { count, duration, plain } from "@/parts/words";

import { DepthPanel } from "./depth-panel";
import { healthQuery } from "./queries";
import { RecoveryPanel } from "./recovery-panel";
import { SystemFrame } from "./system-frame";

const POLL_MS = 15_000;

/** What the watchdog says, the worst first; processes, queues and backups beside it, and how the workers did. */
export default function HealthPage() {
  const health = useQuery({ ...healthQuery, refetchInterval: POLL_MS });
  return (
    <SystemFrame at="/system" actions={health.data ? <StateChip state={health.data.worst} word={health.data.worst === "ok" ? "all is well" : plain(health.data.worst)} /> : null}>
      <QueryView query={health} loading={<LoadingView rows={4} height={120} />}>
        {(data) => (
          <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "3fr 2fr" }, gap: 4, alignItems: "start" }}>
            <Findings findings={data.findings} />
            <Box sx={{ display: "grid", gap: 4, minWidth: 0 }}>
              <Held health={data} />
              <Queues health={data} />
              <Processes health={data} />
            </Box>
          </Box>
        )}
      </QueryView>
      <Box sx={{ display: "grid", gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" }, gap: 4 }}>
        <DepthPanel />
        <RecoveryPanel />
      </Box>
    </SystemFrame>
  );
}

function Findings({ findings }: { findings: readonly Finding[] }) {
  const shown = [...findings].sort((one, other) => Number(one.status === "ok") - Number(other.status === "ok") || one.name.localeCompare(other.name));
  return (
    <Panel title="What the watchdog found">
      {shown.length === 0 ? <EmptyView icon="clock" title="Nothing was looked at yet">The watchdog looks within a minute of the start.</EmptyView> : (
        <Box component="ul" sx={{ margin: 0, padding: 0, listStyle: "none", display: "grid", gap: 4, fontSize: 13 }}>
          {shown.map((one) => (
            <Box component="li" key={one.name} sx={{ display: "grid", gridTemplateColumns: "104px 1fr auto", gap: 3, alignItems: "baseline" }}>
              <span><StateChip state={one.status} /></span>
              <div>
                <b>{plain(one.name)}</b>: {one.said}
                {one.fix && one.status !== "ok" ? <Box sx={{ marginTop: 1 }}>{one.fix}</Box> : null}
              </div>
              <Typography variant="caption" color="textSecondary">since <When at={one.since} /></Typography>
            </Box>
          ))}
        </Box>
      )}
    </Panel>
  );
}

function Held({ health }: { health: Health }) {
  const backup = health.backup_age_s === null ? "no backup was ever begun: `ytempire backup` makes one" : `the last backup was begun ${duration(health.backup_age_s)} ago`;
  return (
    <Panel title="Held back">
      <Box sx={{ display: "grid", gap: 2, fontSize: 13 }}>
        {health.brakes.map((one) => <div key={one.scope}><StateChip state="paused" word={one.scope} /> {one.reason}, until <When at={one.until} /></div>)}
        {health.brakes.length === 0 ? <div>The watchdog holds nothing back.</div> : null}
        <Box sx={{ color: "text.secondary" }}>{backup.charAt(0).toUpperCase()}{backup.slice(1)}; {count(health.database_connections, "connection")} to the database.</Box>
      </Box>
    </Panel>
  );
}

function Queues({ health }: { health: Health }) {
  return (
    <Panel title="Queues" flush>
      <Table aria-label="Queues">
        <TableHead><TableRow><TableCell>Queue</TableCell><TableCell align="right">Wait</TableCell><TableCell align="right">Under way</TableCell><TableCell align="right">Workers</TableCell><TableCell align="right">Oldest</TableCell></TableRow></TableHead>
        <TableBody>
          {health.queues.map((one) => (
            <TableRow key={one.queue}>
              <TableCell component="th" scope="row">{one.queue}</TableCell>
              <TableCell align="right">{one.waiting}</TableCell>
              <TableCell align="right">{one.flying}</TableCell>
              <TableCell align="right">{one.workers === 0 ? "none" : one.workers}</TableCell>
              <TableCell align="right">{one.waiting === 0 ? "–" : duration(one.oldest_s)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {health.queues.length === 0 ? <EmptyView icon="task" title="No queue was counted yet" /> : null}
    </Panel>
  );
}

function Processes({ health }: { health: Health }) {
  const known = Object.entries(health.processes);
  return (
    <Panel title="Processes">
      {known.length === 0 ? <EmptyView icon="clock" title="None was heard of yet" /> : (
        <Box component="dl" sx={{ margin: 0, display: "grid", gridTemplateColumns: "1fr auto", gap: 2, fontSize: 13, "& dd": { margin: 0, color: "text.secondary" } }}>
          {known.map(([name, one]) => (
            <Box key={name} sx={{ display: "contents" }}><dt>{plain(name)}</dt><dd>heard of {duration(one.silent_s)} ago{one.work ? `; ${one.work}` : ""}</dd></Box>
          ))}
        </Box>
      )}
    </Panel>
  );
}
