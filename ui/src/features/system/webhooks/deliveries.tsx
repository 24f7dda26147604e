import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import type { DeliveryView } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { ProblemView } from "@/parts/problem-view";
import { StateChip } from "@/parts/state-chip";
import { toast, toastProblem } from "@/parts/toasts";
import { When } from "@/parts/when";
import { useSession } from "@/session/session-store";

import { deliveriesQuery, type DeliveryStatus } from "./queries";

const TONES = { waiting: "waiting", sent: "good", failed: "trouble" } as const;
const UNDER_WAY_MS = 5_000;
const CALM_MS = 60_000;

/** What was sent to an address and what is on its way, with what came of every attempt. */
export function Deliveries({ id }: { id: string }) {
  const [status, setStatus] = useState<DeliveryStatus | null>(null);
  const log = useInfiniteQuery({ ...deliveriesQuery(id, status), refetchInterval: (query) => (query.state.data?.pages[0]?.items.some((one) => one.status === "waiting") ? UNDER_WAY_MS : CALM_MS) });
  const items = log.data?.pages.flatMap((page) => page.items) ?? [];
  const filter = (
    <TextField select size="small" value={status ?? "all"} onChange={(event) => { setStatus(event.target.value === "all" ? null : (event.target.value as DeliveryStatus)); }} slotProps={{ htmlInput: { "aria-label": "Which deliveries" } }} sx={{ width: 130 }}>
      {["all", ...Object.keys(TONES)].map((one) => <MenuItem key={one} value={one}>{one}</MenuItem>)}
    </TextField>
  );
  return (
    <Panel title="What was sent" aside={filter} flush>
      {log.isError ? <ProblemView error={log.error} onRetry={() => void log.refetch()} /> : null}
      {log.isPending ? <Box sx={{ padding: 4 }}><LoadingView rows={4} height={40} /></Box> : null}
      {log.isSuccess && items.length === 0 ? <EmptyView icon="link" title={status === null ? "Nothing was sent yet" : `None that is ${status}`}>{status === null ? "Try it, or wait for the next event." : null}</EmptyView> : null}
      {items.length > 0 ? <Box component="ul" aria-label="Deliveries" sx={{ margin: 0, padding: 0, listStyle: "none" }}>{items.map((one) => <Delivery key={one.id} one={one} />)}</Box> : null}
      {log.hasNextPage ? <Button color="inherit" disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>Show more</Button> : null}
    </Panel>
  );
}

function Delivery({ one }: { one: DeliveryView }) {
  const may = useSession((session) => session.permissions.has("webhooks:manage"));
  const replay = useReplay();
  const last = one.tries.at(-1);
  return (
    <Box component="li" sx={{ padding: 4, borderBottom: 1, borderColor: "divider", fontSize: 13, display: "grid", gap: 2 }}>
      <Box sx={{ display: "grid", gridTemplateColumns: "100px 1fr auto auto", gap: 3, alignItems: "center" }}>
        <span><StateChip state={one.status} tone={TONES[one.status]} /></span>
        <Box sx={{ fontWeight: 560 }}>{one.kind}</Box>
        <Box sx={{ color: "text.secondary" }}><When at={one.created_at} /></Box>
        {may && one.status !== "waiting" ? <Button color="inherit" disabled={replay.isPending} aria-label={`Send again: ${one.kind}`} onClick={() => { replay.mutate(one); }}>Send again</Button> : <span />}
      </Box>
      {one.status === "waiting" ? <Box sx={{ color: "text.secondary" }}>{one.attempts === 0 ? "On its way" : <>Tried {one.attempts} times; again <When at={one.next_at} /></>}, given up <When at={one.give_up_at} />.</Box> : null}
      {last ? (
        <details>
          <Box component="summary" sx={{ color: "text.secondary" }}>{last.status ?? "no answer"}{last.said ? `: ${last.said}` : ""}, after {last.ms} ms</Box>
          <Box component="ol" sx={{ margin: 0, paddingBlock: 2, paddingInlineStart: 6 }}>{one.tries.map((made) => <li key={made.at}><When at={made.at} />: {made.status ?? "no answer"}{made.said ? `, ${made.said}` : ""} ({made.ms} ms)</li>)}</Box>
          <Box component="pre" tabIndex={0} aria-label="What was sent" sx={{ margin: 0, overflow: "auto", maxHeight: 240, fontSize: 12 }}>{JSON.stringify(one.body, null, 2)}</Box>
        </details>
      ) : null}
    </Box>
  );
}

function useReplay() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (one: DeliveryView) => answerOf(api.POST("/v1/webhook-deliveries/{delivery_id}/replay", { params: { path: { delivery_id: one.id }, header: { "idempotency-key": onceKey() } } })),
    onSuccess: () => { toast("success", "It is sent again, under the same id."); },
    onError: (error) => { toastProblem(error); },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["webhooks"] }),
  });
}
