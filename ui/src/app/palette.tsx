import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import Dialog from "@mui/material/Dialog";
import InputBase from "@mui/material/InputBase";
import { type KeyboardEvent, useState } from "react";

import { HIDDEN } from "@/parts/hidden";
import { Icon } from "@/parts/icon";
import { useUi } from "@/session/ui-store";

import { type Command, useCommands } from "./commands";

/** Goes anywhere and does anything, by words. */
export default function Palette() {
  const set = useUi((ui) => ui.set);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = useCommands(text);
  const close = () => { set({ paletteOpen: false }); };
  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.run();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") run(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog open onClose={close} aria-labelledby="palette-title" sx={{ "& .MuiDialog-container": { alignItems: "flex-start" } }}>
      <h2 id="palette-title" style={HIDDEN}>Search and commands</h2>
      <Box sx={{ display: "flex", alignItems: "center", gap: 3, paddingInline: 4, height: 52, borderBottom: 1, borderColor: "divider" }}>
        <Icon name="search" />
        <InputBase
          autoFocus fullWidth placeholder="Where to, or what to do; a topic makes a task" value={text} onKeyDown={pressed}
          onChange={(event) => { setText(event.target.value); setAt(0); }}
          slotProps={{ input: { "aria-label": "Search and commands", role: "combobox", "aria-expanded": true, "aria-controls": "commands", "aria-activedescendant": found[at] ? `command-${String(at)}` : undefined, maxLength: 200 } }}
        />
        <kbd>Esc</kbd>
      </Box>
      <Box id="commands" role="listbox" aria-label="Commands" sx={{ maxHeight: 420, overflow: "auto", padding: 2 }}>
        {found.map((command, index) => (
          <ButtonBase
            key={command.id} id={`command-${String(index)}`} role="option" aria-selected={index === at} tabIndex={-1}
            onMouseMove={() => { setAt(index); }} onClick={() => { run(command); }}
            sx={{ display: "flex", width: "100%", justifyContent: "flex-start", gap: 3, paddingInline: 3, height: 38, borderRadius: 1.5, fontSize: 14, backgroundColor: index === at ? "action.selected" : "transparent" }}
          >
            <Icon name={command.icon} />
            <Box component="span" sx={{ flex: 1, textAlign: "start", overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{command.label}</Box>
            {command.hint ? <Box component="span" sx={{ color: "text.secondary", fontSize: 12 }}>{command.hint}</Box> : null}
          </ButtonBase>
        ))}
        {found.length === 0 ? <Box sx={{ padding: 4, color: "text.secondary" }}>Nothing is called that.</Box> : null}
      </Box>
    </Dialog>
  );
}
