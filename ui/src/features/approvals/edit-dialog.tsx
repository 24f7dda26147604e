import Dialog from "@mui/material/Dialog";
import DialogTitle from "@mui/material/DialogTitle";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { useState } from "react";

import type { ApprovalDetail } from "@/api/schema";

import { EditListing } from "./edit-listing";
import { EditScript } from "./edit-script";
import { listingOf } from "./evidence-shape";

interface Parts {
  approval: ApprovalDetail;
  onSend: (args: Record<string, unknown>) => void;
  onClose: () => void;
}

/** Changes what is asked about. The listing and the script are changed one after the other, since each is made again and asked about anew. */
export function EditDialog({ approval, onSend, onClose }: Parts) {
  const listing = listingOf(approval.evidence);
  const [tab, setTab] = useState<"listing" | "script">(listing === null ? "script" : "listing");
  return (
    <Dialog open onClose={onClose} maxWidth="md" aria-labelledby="edit-title">
      <DialogTitle id="edit-title">Edit</DialogTitle>
      {listing === null ? null : (
        <Tabs value={tab} onChange={(_, value: "listing" | "script") => { setTab(value); }} aria-label="What to edit" sx={{ paddingInline: 6, minHeight: 36 }}>
          <Tab value="listing" label="Listing" sx={{ minHeight: 36, textTransform: "none" }} />
          <Tab value="script" label="Script" sx={{ minHeight: 36, textTransform: "none" }} />
        </Tabs>
      )}
      {tab === "listing" && listing !== null ? <EditListing listing={listing} onSend={onSend} onClose={onClose} /> : null}
      {tab === "script" && approval.video !== null ? <EditScript video={approval.video} onSend={onSend} onClose={onClose} /> : null}
    </Dialog>
  );
}
