import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Typography from "@mui/material/Typography";

import { useShortcutGroups } from "@/parts/shortcuts";
import { useUi } from "@/session/ui-store";

/** Every key that acts here. */
export default function KeySheet() {
  const groups = useShortcutGroups((state) => state.groups);
  const set = useUi((ui) => ui.set);
  const close = () => { set({ keysOpen: false }); };
  return (
    <Dialog open onClose={close} maxWidth="md" aria-labelledby="keys-title">
      <DialogTitle id="keys-title">Keys</DialogTitle>
      <DialogContent sx={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(260px, 1fr))", gap: 6 }}>
        {groups.map((group) => (
          <section key={group.id} aria-label={group.name}>
            <Typography variant="h3" component="h2" gutterBottom>{group.name}</Typography>
            {group.shortcuts.map((one) => (
              <Box key={one.keys} sx={{ display: "flex", gap: 3, paddingBlock: 1, fontSize: 13 }}>
                <Box sx={{ width: 72, flexShrink: 0, display: "flex", gap: 1 }}>{one.keys.split(" ").map((key) => <kbd key={key}>{key}</kbd>)}</Box>
                {one.does}
              </Box>
            ))}
          </section>
        ))}
      </DialogContent>
      <DialogActions sx={{ padding: 4 }}><Button onClick={close}>Close</Button></DialogActions>
    </Dialog>
  );
}
