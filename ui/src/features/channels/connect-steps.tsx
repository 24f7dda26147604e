import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { answerOf, api, onceKey } from "@/api/client";
import type { ConsentBegun } from "@/api/schema";
import { Icon } from "@/parts/icon";
import { ProblemView } from "@/parts/problem-view";
import { toast } from "@/parts/toasts";
import { When } from "@/parts/when";

const ASK_EVERY_MS = 2_000;

/** Asks the owner for consent: an address of Google's is opened in this browser, and what comes of it is shown here. */
export function ConnectSteps({ channel, word }: { channel: string; word: string }) {
  const begin = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/accounts/{channel_id}/connect", { params: { path: { channel_id: channel }, header: { "idempotency-key": onceKey() } }, body: {} })),
  });
  if (begin.data !== undefined) return <Asked begun={begin.data} onAgain={() => { begin.mutate(); }} />;
  return (
    <Box sx={{ display: "grid", gap: 3 }}>
      <Box><Button variant="contained" startIcon={<Icon name="link" />} disabled={begin.isPending} onClick={() => { begin.mutate(); }}>{begin.isPending ? "Making the address…" : word}</Button></Box>
      {begin.error ? <ProblemView error={begin.error} /> : null}
    </Box>
  );
}

function Asked({ begun, onAgain }: { begun: ConsentBegun; onAgain: () => void }) {
  const queries = useQueryClient();
  const consent = useQuery({
    queryKey: ["consents", begun.id],
    queryFn: ({ signal }) => answerOf(api.GET("/v1/accounts/{channel_id}/consents/{request_id}", { params: { path: { channel_id: begun.channel, request_id: begun.id } }, signal })),
    refetchInterval: (query) => (query.state.data?.finished_at ? false : ASK_EVERY_MS),
  });
  const status = consent.data?.status ?? begun.status;
  useEffect(() => {
    if (status !== "connected") return;
    toast("success", "YouTube is connected.");
    void queries.invalidateQueries({ queryKey: ["accounts"] });
    void queries.invalidateQueries({ queryKey: ["quotas"] });
  }, [status, queries]);
  return (
    <Box role="status" sx={{ display: "grid", gap: 2, justifyItems: "start" }}>
      {status === "asked" ? (
        <>
          <Button component="a" href={begun.url} target="_blank" rel="noreferrer" variant="contained" startIcon={<Icon name="link" />}>Open Google's page</Button>
          <Typography variant="caption" color="textSecondary">In this browser, which alone may bring the answer back. Its owner consents there; it is good once, and ends <When at={begun.expires_at} />.</Typography>
        </>
      ) : null}
      {status === "answered" ? <Typography variant="body2">The owner answered; the studio is exchanging it…</Typography> : null}
      {status === "failed" ? (
        <>
          <Typography variant="body2">It was not connected: {consent.data?.reason}</Typography>
          <Button variant="outlined" onClick={onAgain}>Ask again</Button>
        </>
      ) : null}
    </Box>
  );
}
