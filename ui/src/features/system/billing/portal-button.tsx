import Button from "@mui/material/Button";
import { useMutation } from "@tanstack/react-query";

import { answerOf, api, onceKey } from "@/api/client";
import { Icon } from "@/parts/icon";
import { toastProblem } from "@/parts/toasts";
import { useSession } from "@/session/session-store";

/** Leads to Stripe's page for the card, the plan and the end of it. */
export function PortalButton() {
  const may = useSession((session) => session.permissions.has("payments:manage"));
  const open = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/payments/portal", { params: { header: { "idempotency-key": onceKey() } } })),
    onSuccess: (page) => { location.assign(page.url); },
    onError: (error) => { toastProblem(error); },
  });
  if (!may) return null;
  return <Button variant="outlined" color="inherit" startIcon={<Icon name="link" />} disabled={open.isPending} onClick={() => { open.mutate(); }}>{open.isPending ? "Opening it…" : "Card, plan, cancel"}</Button>;
}
