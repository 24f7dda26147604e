import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Tooltip from "@mui/material/Tooltip";

import type { Figure, VideoFigures } from "@/api/schema";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { duration, plain } from "@/parts/words";

import { figureOf, told } from "./queries";

const FIGURES = ["views", "likes", "comments", "impressions", "ctr"] as const;

export function PublicationTable({ videos }: { videos: readonly VideoFigures[] }) {
  return (
    <Box sx={{ overflowX: "auto" }}>
      <Table aria-label="Publications">
        <TableHead>
          <TableRow>
            <TableCell>Published</TableCell>
            <TableCell>Channel</TableCell>
            {FIGURES.map((name) => <TableCell key={name} align="right">{name === "ctr" ? "click-through" : name}</TableCell>)}
            <TableCell>Next look</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {videos.map((one) => (
            <TableRow key={one.publication} hover>
              <TableCell component="th" scope="row">
                {one.published_at === null ? "not yet" : <When at={one.published_at} />}
                <Box sx={{ fontSize: 12, color: "text.secondary" }}>{one.url !== null && /^https?:/.test(one.url) ? <Link href={one.url} underline="always" target="_blank" rel="noreferrer">on {plain(one.publisher)}</Link> : plain(one.publisher)}{one.provenance === "real" ? "" : `, ${one.provenance}`}</Box>
              </TableCell>
              <TableCell>{one.channel}</TableCell>
              {FIGURES.map((name) => <TableCell key={name} align="right"><Told name={name} figure={figureOf(one, name)} /></TableCell>)}
              <TableCell><NextLook video={one} /></TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

/** A figure with its age, or why it is not known: never a nought for what nobody told. */
function Told({ name, figure }: { name: string; figure: Figure | undefined }) {
  const value = figure?.value;
  const means = typeof value === "number" ? (typeof figure?.age_s !== "number" ? "" : `read ${duration(figure.age_s)} ago`) : figure?.why || "the platform did not tell";
  return (
    <Tooltip title={means}>
      <Box component="span" tabIndex={0} sx={{ borderRadius: 0.5, ...(typeof value === "number" ? { fontWeight: 560 } : { color: "text.secondary" }) }}>
        {typeof value === "number" ? told(name, value) : "not known"}
      </Box>
    </Tooltip>
  );
}

function NextLook({ video }: { video: VideoFigures }) {
  const next = video.looks.find((one) => one.status !== "done");
  if (next === undefined) return <Box component="span" sx={{ color: "text.secondary" }}>{video.looks.length > 0 ? "all done" : "none planned"}</Box>;
  return <Box sx={{ display: "flex", gap: 2, alignItems: "center" }}><StateChip state={next.status} word={plain(next.check)} /> <When at={next.due} /></Box>;
}
