import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";

interface Parts {
  word: string;
  mayEdit: boolean;
  changed: boolean;
  good: boolean;
  busy: boolean;
  onLeave: () => void;
}

/** Sets what was changed or leaves it; who may do neither is told who can. */
export function EditActions({ word, mayEdit, changed, good, busy, onLeave }: Parts) {
  if (!mayEdit) return <Typography variant="caption" color="textSecondary">An operator or admin can change this.</Typography>;
  return (
    <Box sx={{ display: "flex", gap: 2, minHeight: 32 }}>
      <Button type="submit" variant="contained" disabled={!changed || !good || busy}>{busy ? "Setting it…" : word}</Button>
      {changed ? <Button color="inherit" onClick={onLeave}>Leave it as it was</Button> : null}
    </Box>
  );
}
