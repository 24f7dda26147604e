import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import { type ReactNode, useRef, useState } from "react";

import { Icon } from "./icon";

interface Parts {
  title: string;
  label: string;
  value: string;
  children: ReactNode;
  onClose: () => void;
}

/** A secret that is told now and never again: it is copied, and left only on purpose. */
export function ShownOnce({ title, label, value, children, onClose }: Parts) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    field.current?.select();
    // Over plain http browsers give no clipboard: then it is selected, and Ctrl-C takes it.
    await navigator.clipboard.writeText(value);
    setCopied(true);
  };
  return (
    <Dialog open fullWidth maxWidth="sm" aria-labelledby="once-title">
      <DialogTitle id="once-title">{title}</DialogTitle>
      <DialogContent sx={{ display: "grid", gap: 4 }}>
        <div>{children}</div>
        <TextField inputRef={field} label={label} value={value} autoFocus onFocus={(event) => { event.target.select(); }} slotProps={{ htmlInput: { readOnly: true, spellCheck: false, style: { fontFamily: "monospace", fontSize: 13 } } }} />
      </DialogContent>
      <DialogActions sx={{ padding: 4 }}>
        <Button variant="outlined" color="inherit" startIcon={<Icon name={copied ? "check" : "link"} />} onClick={() => { copy().catch(() => { setCopied(false); }); }}>{copied ? "Copied" : "Copy"}</Button>
        <Button variant="contained" onClick={onClose}>I have it</Button>
      </DialogActions>
    </Dialog>
  );
}
