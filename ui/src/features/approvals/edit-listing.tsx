import Button from "@mui/material/Button";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import TextField from "@mui/material/TextField";
import { type FormEvent, useState } from "react";

import type { Listing } from "./evidence-shape";

interface Parts {
  listing: Listing;
  onSend: (args: Record<string, unknown>) => void;
  onClose: () => void;
}

const MOST = { title: 100, description: 5000, tags: 500 } as const;
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A moment as a field of this machine's zone takes it. */
function local(at: string | null): string {
  if (at === null) return "";
  const moment = new Date(at);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function tagsOf(text: string): string[] {
  return text.split(",").map((one) => one.trim()).filter((one) => one !== "");
}

/** Only what was changed; null where nothing was. */
export function changesOf(listing: Listing, now: { title: string; description: string; tags: string; at: string }): Record<string, unknown> | null {
  const changes: Record<string, unknown> = {};
  if (now.title.trim() !== listing.title) changes["title"] = now.title.trim();
  if (now.description !== listing.description) changes["description"] = now.description;
  if (tagsOf(now.tags).join() !== listing.tags.join()) changes["tags"] = tagsOf(now.tags);
  if (now.at !== "" && now.at !== local(listing.publish_at)) changes["publish_at"] = new Date(now.at).toISOString();
  return Object.keys(changes).length === 0 ? null : changes;
}

export function EditListing({ listing, onSend, onClose }: Parts) {
  const [title, setTitle] = useState(listing.title);
  const [description, setDescription] = useState(listing.description);
  const [tags, setTags] = useState(listing.tags.join(", "));
  const [at, setAt] = useState(local(listing.publish_at));
  const changes = changesOf(listing, { title, description, tags, at });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changes !== null && title.trim() !== "") onSend(changes);
  };
  return (
    <form onSubmit={submit} style={{ display: "contents" }}>
      <DialogContent sx={{ display: "grid", gap: 4 }}>
        <TextField sx={{ marginTop: 2 }} autoFocus label="Title" required value={title} onChange={(event) => { setTitle(event.target.value); }} slotProps={{ htmlInput: { maxLength: MOST.title } }} helperText={`${String(title.length)} of ${String(MOST.title)} characters`} />
        <TextField label="Description" multiline minRows={4} maxRows={12} value={description} onChange={(event) => { setDescription(event.target.value); }} slotProps={{ htmlInput: { maxLength: MOST.description } }} />
        <TextField label="Tags, with commas between them" value={tags} onChange={(event) => { setTags(event.target.value); }} slotProps={{ htmlInput: { maxLength: MOST.tags } }} />
        <TextField label={`Shown at (${ZONE})`} type="datetime-local" value={at} onChange={(event) => { setAt(event.target.value); }} slotProps={{ inputLabel: { shrink: true } }} helperText="Only a public video has a time; empty leaves it as it is." />
      </DialogContent>
      <DialogActions sx={{ padding: 4 }}>
        <Button color="inherit" onClick={onClose}>Leave it</Button>
        <Button type="submit" variant="contained" disabled={changes === null || title.trim() === ""}>Change it</Button>
      </DialogActions>
    </form>
  );
}
