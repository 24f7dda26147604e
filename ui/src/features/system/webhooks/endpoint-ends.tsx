import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router-dom";

import { answerOf, api } from "@/api/client";
import type { EndpointSecret, EndpointView } from "@/api/schema";
import { ConfirmDialog } from "@/parts/confirm-dialog";
import { toast } from "@/parts/toasts";

import { endpointsQuery } from "./queries";

const OVERLAPS = [[24, "for a day"], [168, "for a week"], [0, "no longer: somebody else may have it"]] as const;

/** Makes a new secret; for a while both sign. */
export function RotateDialog({ endpoint, onMade, onClose }: { endpoint: EndpointView; onMade: (made: EndpointSecret) => void; onClose: () => void }) {
  const queries = useQueryClient();
  const [hours, setHours] = useState<number>(OVERLAPS[0][0]);
  const rotate = useMutation({
    mutationFn: () => answerOf(api.POST("/v1/webhook-endpoints/{endpoint_id}/rotate", { params: { path: { endpoint_id: endpoint.id } }, body: { overlap_hours: hours } })),
    onSuccess: (made) => { void queries.invalidateQueries({ queryKey: ["webhooks"] }); onMade(made); },
  });
  return (
    <ConfirmDialog title="A new secret" action="Make it" busy={rotate.isPending} error={rotate.error} onConfirm={() => { rotate.mutate(); }} onClose={onClose}>
      <Typography variant="body2" sx={{ marginBottom: 4 }}>It is shown once. Until the old one ends, events bear both signatures, so that the receiver can be changed in peace.</Typography>
      <TextField select fullWidth label="The old one signs" value={hours} onChange={(event) => { setHours(Number(event.target.value)); }}>
        {OVERLAPS.map(([value, word]) => <MenuItem key={value} value={value}>{word}</MenuItem>)}
      </TextField>
    </ConfirmDialog>
  );
}

export function DeleteDialog({ endpoint, onClose }: { endpoint: EndpointView; onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => answerOf(api.DELETE("/v1/webhook-endpoints/{endpoint_id}", { params: { path: { endpoint_id: endpoint.id } } })),
    onSuccess: () => {
      toast("success", "Nothing is sent there any more.");
      onClose();
      queries.setQueryData(endpointsQuery.queryKey, (before) => before && { ...before, items: before.items.filter((one) => one.id !== endpoint.id) });
      void navigate("/system/webhooks");
    },
  });
  return (
    <ConfirmDialog title="Delete the address" action="Delete it" danger busy={remove.isPending} error={remove.error} onConfirm={() => { remove.mutate(); }} onClose={onClose}>
      <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>{endpoint.url} is told of nothing any more; its log and what is on its way there are deleted for good.</Typography>
    </ConfirmDialog>
  );
}
