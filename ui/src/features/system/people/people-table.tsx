import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";

import type { UserView } from "@/api/schema";
import { StateChip } from "@/parts/state-chip";
import { When } from "@/parts/when";
import { useSession } from "@/session/session-store";

import { PersonMenu } from "./person-menu";
import { called, type LinkTold } from "./queries";
import { type Role, ROLES } from "./roles";
import { usePersonChange } from "./use-person-change";

export function PeopleTable({ people, onLink }: { people: readonly UserView[]; onLink: (link: LinkTold) => void }) {
  const may = useSession((session) => session.permissions.has("users:manage"));
  const mine = useSession((session) => session.user?.id);
  return (
    <Table aria-label="People">
      <TableHead><TableRow><TableCell>Who</TableCell><TableCell>Role</TableCell><TableCell>Stands</TableCell><TableCell>Since</TableCell><TableCell align="right">More</TableCell></TableRow></TableHead>
      <TableBody>{people.map((one) => <Person key={one.id} one={one} mine={one.id === mine} may={may} onLink={onLink} />)}</TableBody>
    </Table>
  );
}

function Person({ one, mine, may, onLink }: { one: UserView; mine: boolean; may: boolean; onLink: (link: LinkTold) => void }) {
  const change = usePersonChange(one);
  return (
    <TableRow>
      <TableCell component="th" scope="row">
        <b>{called(one)}</b>{mine ? " (you)" : ""}
        {one.name ? <Box sx={{ color: "text.secondary", overflowWrap: "anywhere" }}>{one.email}</Box> : null}
      </TableCell>
      <TableCell>
        {may && !one.disabled ? (
          <TextField select size="small" value={one.role} disabled={change.isPending} onChange={(event) => { change.mutate({ role: event.target.value as Role }); }} slotProps={{ htmlInput: { "aria-label": `Role of ${called(one)}` } }} sx={{ width: 130 }}>
            {ROLES.map(([role]) => <MenuItem key={role} value={role}>{role}</MenuItem>)}
          </TextField>
        ) : one.role}
      </TableCell>
      <TableCell>{one.disabled ? <StateChip state="let_out" tone="idle" /> : <StateChip state="let_in" tone="good" />}</TableCell>
      <TableCell><When at={one.created_at} /></TableCell>
      <TableCell align="right">{may ? <PersonMenu one={one} mine={mine} onLink={onLink} /> : null}</TableCell>
    </TableRow>
  );
}
