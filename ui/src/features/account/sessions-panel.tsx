import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import type { SessionView } from "@/api/schema";
import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { StateChip } from "@/parts/state-chip";
import { toast, toastProblem } from "@/parts/toasts";
import { When } from "@/parts/when";
import { count } from "@/parts/words";
import { signOut } from "@/session/session-store";

import { agentOf } from "./agent";
import { sessionsQuery } from "./queries";

/** Every place where one is signed in; each can be ended from here, at once. */
export function SessionsPanel() {
  const sessions = useQuery(sessionsQuery);
  const end = useEnd();
  const others = (sessions.data?.items ?? []).filter((one) => !one.current);
  return (
    <Panel title="Where you are signed in" aside={others.length > 1 ? <Button color="inherit" disabled={end.isPending} onClick={() => { end.mutate(others); }}>End the other {others.length}</Button> : null}>
      <QueryView query={sessions} loading={<LoadingView rows={2} height={48} />}>
        {(data) => (
          <Box component="ul" aria-label="Sessions" sx={{ margin: 0, padding: 0, listStyle: "none", display: "grid", gap: 3, fontSize: 13 }}>
            {data.items.map((one) => (
              <Box component="li" key={one.id} sx={{ display: "flex", alignItems: "center", gap: 3, minHeight: 40 }}>
                <Box sx={{ flex: 1, minWidth: 0 }}>
                  <Box title={one.agent} sx={{ fontWeight: 560 }}>{agentOf(one.agent)}</Box>
                  <Box sx={{ color: "text.secondary" }}>from {one.address || "an unknown address"}, last used <When at={one.refreshed_at} />, since <When at={one.created_at} />; ends <When at={one.expires_at} /></Box>
                </Box>
                {one.current ? <StateChip state="ok" word="this one" /> : null}
                {one.current ? <Button color="inherit" onClick={() => void signOut()}>Sign out</Button> : <Button color="inherit" disabled={end.isPending} aria-label={`End it: the session of ${agentOf(one.agent)} from ${one.address}`} onClick={() => { end.mutate([one]); }}>End it</Button>}
              </Box>
            ))}
          </Box>
        )}
      </QueryView>
    </Panel>
  );
}

function useEnd() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (which: readonly SessionView[]) => Promise.all(which.map((one) => answerOf(api.DELETE("/v1/me/sessions/{session_id}", { params: { path: { session_id: one.id } } })))),
    onSuccess: (ended) => { toast("success", `${count(ended.length, "session")} ended.`); },
    onError: (error) => { toastProblem(error); },
    onSettled: () => void queries.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
}
