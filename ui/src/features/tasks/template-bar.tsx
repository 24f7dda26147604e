import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import TextField from "@mui/material/TextField";
import { useState } from "react";

import { Icon } from "@/parts/icon";
import { useSession } from "@/session/session-store";

import { dropTemplate, keepTemplate, type Template, templatesOf, useTemplates } from "./templates";

interface Parts {
  kind: string;
  /** What the form holds now; null while there is nothing worth keeping. */
  value: Readonly<Record<string, unknown>> | null;
  onPick: (value: Template["value"]) => void;
}

const LONGEST = 40;

/** Templates of one kind: a click fills the form in, and what the form holds is kept under a name. */
export function TemplateBar({ kind, value, onPick }: Parts) {
  const user = useSession((session) => session.user?.id ?? "");
  const all = useTemplates((state) => templatesOf(state, user));
  const [name, setName] = useState<string | null>(null);
  const mine = all.filter((one) => one.kind === kind);
  const keep = () => {
    if (name === null || name.trim() === "" || value === null) return;
    keepTemplate(user, { name: name.trim(), kind, value });
    setName(null);
  };
  if (mine.length === 0 && value === null) return null;
  return (
    <Box role="group" aria-label="Templates" sx={{ display: "flex", flexWrap: "wrap", gap: 2, alignItems: "center", minHeight: 34 }}>
      {mine.map((one) => <Chip key={one.name} label={one.name} onClick={() => { onPick(one.value); }} onDelete={() => { dropTemplate(user, one); }} deleteIcon={<span role="img" aria-label={`Delete the template ${one.name}`} style={{ display: "inline-flex" }}><Icon name="cross" sx={{ fontSize: 14 }} /></span>} />)}
      {name === null ? (
        <Button size="small" color="inherit" disabled={value === null} onClick={() => { setName(""); }}>Keep as a template</Button>
      ) : (
        <>
          <TextField
            autoFocus size="small" label="Name of the template" value={name} onChange={(event) => { setName(event.target.value); }} slotProps={{ htmlInput: { maxLength: LONGEST } }}
            onKeyDown={(event) => {
              if (event.key === "Escape") setName(null);
              if (event.key !== "Enter") return;
              event.preventDefault();
              keep();
            }}
          />
          <Button size="small" disabled={name.trim() === ""} onClick={keep}>Keep it</Button>
        </>
      )}
    </Box>
  );
}
