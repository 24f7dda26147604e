import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Skeleton from "@mui/material/Skeleton";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { Link as RouterLink } from "react-router-dom";

import type { AccountView, ChannelView } from "@/api/schema";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { money, plain } from "@/parts/words";

import { connection } from "./queries";
import { standing } from "./standing";

interface Parts {
  channels: readonly ChannelView[];
  /** Undefined while they are read. */
  accounts: readonly AccountView[] | undefined;
}

export function ChannelTable({ channels, accounts }: Parts) {
  return (
    <Table aria-label="Channels" sx={{ tableLayout: "fixed", "& tbody > tr": { height: 64 } }}>
      <TableHead>
        <TableRow>
          <TableCell>Channel</TableCell>
          <TableCell>Standing</TableCell>
          <TableCell>Who decides</TableCell>
          <TableCell>A day may cost</TableCell>
          <TableCell>YouTube</TableCell>
          <TableCell>Made</TableCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {channels.map((one) => (
          <TableRow key={one.id} hover sx={{ "&:last-child td, &:last-child th": { borderBottom: 0 } }}>
            <TableCell component="th" scope="row">
              <Link component={RouterLink} to={`/channels/${one.id}`} color="inherit" sx={{ fontSize: 14, fontWeight: 560 }}>{one.name}</Link>
              <Box sx={{ fontSize: 12, color: "text.secondary" }}>{one.id}</Box>
            </TableCell>
            <TableCell>
              <StateChip {...standing(one)} />
              {one.paused_reason ?? one.held_reason ? <Box sx={{ fontSize: 12, color: "text.secondary", marginTop: 1, maxWidth: 260 }}>{one.paused_reason ?? one.held_reason}</Box> : null}
            </TableCell>
            <TableCell>{plain(one.autonomy)}{one.two_person ? ", two people" : ""}</TableCell>
            <TableCell>{one.budget_day_usd === null ? <Box component="span" sx={{ color: "text.secondary" }}>the studio's limits</Box> : money(one.budget_day_usd)}</TableCell>
            <TableCell sx={{ width: 150 }}>{accounts === undefined ? <Skeleton width={100} height={22} /> : <StateChip {...connection(accounts.find((account) => account.channel === one.id) ?? null)} />}</TableCell>
            <TableCell><When at={one.created_at} /></TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
