import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";

/** The places of what is being read: the film, the script beside its sources, and the decision. */
export function JudgedSkeleton({ gate }: { gate: "script" | "video" | undefined }) {
  return (
    <Box role="status" aria-label="Loading" sx={{ flex: 1, minWidth: 0, display: "flex", flexDirection: { xs: "column", md: "row" } }}>
      <Box sx={{ flex: 1, minWidth: 0, display: "grid", gap: 6, padding: 6, maxWidth: 1080, marginInline: "auto", alignContent: "start" }}>
        <Skeleton height={30} width="70%" />
        {gate === "script" ? null : <Skeleton sx={{ aspectRatio: "16 / 9", maxHeight: "52vh", height: "auto", width: "100%" }} />}
        <Box sx={{ display: "grid", gridTemplateColumns: "1fr 1fr", gap: 6 }}>
          {[0, 1].map((column) => <Box key={column} sx={{ display: "grid", gap: 3 }}>{[90, 70, 80, 60].map((width) => <Skeleton key={width} height={20} width={`${String(width)}%`} />)}</Box>)}
        </Box>
      </Box>
      <Box sx={{ width: { md: 300 }, flexShrink: 0, border: 0, borderLeftWidth: { md: 1 }, borderTopWidth: { xs: 1, md: 0 }, borderColor: "divider", backgroundColor: "background.paper", padding: 5, display: "grid", gap: 4, alignContent: "start" }}>
        <Skeleton height={24} width="60%" />
        {[0, 1, 2, 3, 4].map((row) => <Skeleton key={row} height={18} />)}
        {[0, 1, 2, 3].map((row) => <Skeleton key={row} height={36} />)}
      </Box>
    </Box>
  );
}
