import Box from "@mui/material/Box";
import Drawer from "@mui/material/Drawer";

import { Brand, Places } from "./places";

const WIDTH = 264;

/** The places over a narrow window, until one is chosen. */
export default function PlacesDrawer({ onClose }: { onClose: () => void }) {
  return (
    <Drawer open onClose={onClose} slotProps={{ paper: { "aria-label": "Places", role: "dialog", "aria-modal": true } }}>
      <Box component="nav" aria-label="Places" sx={{ width: WIDTH, display: "flex", flexDirection: "column", padding: 2, gap: "2px" }}>
        <Brand />
        <Places onGo={onClose} />
      </Box>
    </Drawer>
  );
}
