import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";

/** Rows that keep the layout of what is being read. */
export function LoadingView({ rows = 4, height = 44 }: { rows?: number; height?: number }) {
  return (
    <Box role="status" aria-label="Loading" sx={{ display: "grid", gap: 2 }}>
      {Array.from({ length: rows }, (_, row) => <Skeleton key={row} height={height} />)}
    </Box>
  );
}
