import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";

import { usePoll } from "@/live/live-store";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { money } from "@/parts/words";

import { byDay, limitsQuery, spendQuery } from "./queries";
import { SpendBars } from "./spend-bars";

const POLL_MS = 30_000;
const SPEND_HEIGHT = 150;

/** Today's spend beside what a day may cost. */
export function SpendPanel() {
  const spend = useQuery({ ...spendQuery, refetchInterval: usePoll(POLL_MS) });
  const limits = useQuery(limitsQuery);
  const limit = limits.data?.items.find((one) => one.limit === "day")?.usd ?? null;
  return (
    <Panel title="Spent" aside={<Typography variant="caption" color="textSecondary">14 days, UTC</Typography>}>
      <QueryView query={spend} loading={<LoadingView rows={1} height={SPEND_HEIGHT} />}>
        {(data) => {
          const days = byDay(data.rows);
          const today = days.at(-1)?.usd ?? 0;
          return (
            <Box data-figures sx={{ display: "grid", gap: 3, alignContent: "start", minHeight: SPEND_HEIGHT }}>
              <Box sx={{ display: "flex", alignItems: "baseline", gap: 2 }}>
                <Typography component="span" sx={{ fontSize: 26, fontWeight: 640, letterSpacing: "-0.02em" }}>{money(today)}</Typography>
                <Typography variant="body2" color="textSecondary">{limit === null ? "today; no limit is set" : `of ${money(limit)} today`}</Typography>
              </Box>
              <SpendBars days={days} limit={limit} />
              {data.total.unknown_usd > 0 ? <Typography variant="caption" color="textSecondary">{money(data.total.unknown_usd)} is booked at its worst, since those answers were lost.</Typography> : null}
            </Box>
          );
        }}
      </QueryView>
    </Panel>
  );
}
