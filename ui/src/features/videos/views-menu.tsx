import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Divider from "@mui/material/Divider";
import ListSubheader from "@mui/material/ListSubheader";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { type FormEvent, useState } from "react";

import { Icon } from "@/parts/icon";
import { toast } from "@/parts/toasts";
import { useSession } from "@/session/session-store";

import { COLUMNS } from "./columns";
import { forgetView, type SavedView, saveView, useSavedViews } from "./saved-views";

interface Parts {
  /** What stands in the address now. */
  query: string;
  hidden: ReadonlySet<string>;
  onShow: (query: string) => void;
  onHide: (hidden: string) => void;
}

/** Which columns are shown, and ways to look at videos that were given a name. */
export function ViewsMenu({ query, hidden, onShow, onHide }: Parts) {
  const user = useSession((session) => session.user?.id ?? "");
  const views = useSavedViews(user);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [naming, setNaming] = useState(false);
  const now = views.find((one) => one.query === query);
  const close = () => { setAnchor(null); };
  const forget = (view: SavedView) => {
    close();
    forgetView(user, view.name);
    toast("info", `The view "${view.name}" is forgotten.`, { label: "Undo", run: () => { saveView(user, view); } });
  };
  const toggle = (id: string) => { onHide(COLUMNS.map((one) => one.id).filter((one) => (one === id) !== hidden.has(one)).join(",")); };
  return (
    <>
      <Button color="inherit" aria-haspopup="menu" aria-expanded={anchor !== null} endIcon={<Icon name="down" />} onClick={(event) => { setAnchor(event.currentTarget); }}>{now?.name ?? "View"}</Button>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={close} slotProps={{ list: { dense: true, "aria-label": "View" } }}>
        <ListSubheader role="presentation" sx={{ lineHeight: "28px" }}>Saved views</ListSubheader>
        {views.length === 0 ? <MenuItem disabled>None yet: filter, order, then save</MenuItem> : null}
        {views.map((one) => <MenuItem key={one.name} selected={one === now} onClick={() => { close(); onShow(one.query); }}>{one.name}</MenuItem>)}
        <MenuItem onClick={() => { close(); setNaming(true); }}><Icon name="plus" sx={{ marginInlineEnd: 2 }} />Save what you see…</MenuItem>
        {now === undefined ? null : <MenuItem onClick={() => { forget(now); }}><Icon name="cross" sx={{ marginInlineEnd: 2 }} />Forget {now.name}</MenuItem>}
        <Divider />
        <ListSubheader role="presentation" sx={{ lineHeight: "28px" }}>Columns of the table</ListSubheader>
        {COLUMNS.map((one) => (
          <MenuItem key={one.id} role="menuitemcheckbox" aria-checked={!hidden.has(one.id)} disabled={one.id === "title"} onClick={() => { toggle(one.id); }} >
            <Icon name="check" sx={{ fontSize: 16, marginInlineEnd: 2, visibility: hidden.has(one.id) ? "hidden" : "visible" }} />{one.name}
          </MenuItem>
        ))}
      </Menu>
      {naming ? <NameDialog taken={views} onClose={() => { setNaming(false); }} onName={(name) => { saveView(user, { name, query }); setNaming(false); toast("success", `The view "${name}" is kept in this browser.`); }} /> : null}
    </>
  );
}

function NameDialog({ taken, onName, onClose }: { taken: readonly SavedView[]; onName: (name: string) => void; onClose: () => void }) {
  const [name, setName] = useState("");
  const ready = name.trim() !== "";
  const replaces = taken.some((one) => one.name === name.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onName(name.trim());
  };
  return (
    <Dialog open onClose={onClose} maxWidth="xs" aria-labelledby="view-title">
      <form onSubmit={submit}>
        <DialogTitle id="view-title">Save this view</DialogTitle>
        <DialogContent>
          <Box sx={{ paddingTop: 2 }}>
            <TextField label="Name" value={name} autoFocus autoComplete="off" onChange={(event) => { setName(event.target.value); }} helperText={replaces ? "It replaces the view of that name" : "Shape, filters, order and columns are kept"} slotProps={{ htmlInput: { maxLength: 40 } }} />
          </Box>
        </DialogContent>
        <DialogActions sx={{ padding: 4 }}>
          <Button onClick={onClose} color="inherit">Leave it</Button>
          <Button type="submit" variant="contained" disabled={!ready}>Save</Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
