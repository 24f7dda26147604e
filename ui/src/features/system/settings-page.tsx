import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { SettingView } from "@/api/schema";
import { EmptyView } from "@/parts/empty-view";
import { LoadingView } from "@/parts/loading-view";
import { QueryView } from "@/parts/query-view";
import { When } from "@/parts/when";
import { Who } from "@/parts/who";
import { useSession } from "@/session/session-store";

import { settingsQuery } from "./queries";
import { SettingDialog } from "./setting-dialog";
import { SystemFrame } from "./system-frame";

function told(one: SettingView): string {
  if (one.secret || one.value === null) return one.is_set ? "is set, not shown" : "not set";
  return String(one.value);
}

/** Every setting: what it is, where that comes from, and those that can be changed while the studio runs. */
export default function SettingsPage() {
  const settings = useQuery(settingsQuery);
  const mayEdit = useSession((session) => session.permissions.has("settings:edit"));
  const [sought, setSought] = useState("");
  const [editing, setEditing] = useState<SettingView | null>(null);
  return (
    <SystemFrame at="/system/settings" actions={<TextField label="Find a setting" value={sought} onChange={(event) => { setSought(event.target.value); }} sx={{ width: 280 }} />}>
      <QueryView query={settings} loading={<LoadingView rows={12} height={40} />}>
        {(data) => {
          const shown = data.items.filter((one) => one.name.toLowerCase().includes(sought.trim().toLowerCase().replaceAll(" ", "_")));
          if (shown.length === 0) return <EmptyView icon="search" title="No setting of that name" action={<Button variant="outlined" onClick={() => { setSought(""); }}>Show all</Button>} />;
          return (
            <Paper sx={{ overflow: "hidden" }}>
              <Table aria-label="Settings">
                <TableHead><TableRow><TableCell>Setting</TableCell><TableCell>Value</TableCell><TableCell>Comes from</TableCell><TableCell align="right">Change</TableCell></TableRow></TableHead>
                <TableBody>
                  {shown.map((one) => (
                    <TableRow key={one.name}>
                      <TableCell component="th" scope="row" sx={{ fontWeight: 560 }}>{one.name}</TableCell>
                      <TableCell sx={{ maxWidth: 420, overflowWrap: "anywhere" }}>{told(one)}</TableCell>
                      <TableCell sx={{ color: "text.secondary" }}>{one.source === "set" ? <>set by <Who id={one.changed_by} />{one.changed_at ? <> <When at={one.changed_at} /></> : null}</> : one.source}</TableCell>
                      <TableCell align="right"><Change one={one} may={mayEdit} onEdit={() => { setEditing(one); }} /></TableCell>
                    </TableRow>
                  ))}
                </TableBody>
              </Table>
            </Paper>
          );
        }}
      </QueryView>
      {editing === null ? null : <SettingDialog name={editing.name} onClose={() => { setEditing(null); }} />}
    </SystemFrame>
  );
}

function Change({ one, may, onEdit }: { one: SettingView; may: boolean; onEdit: () => void }) {
  if (!one.changeable) return <Box component="span" sx={{ color: "text.secondary" }}>in the environment</Box>;
  if (!may) return <Box component="span" sx={{ color: "text.secondary" }}>by an admin</Box>;
  return <Button color="inherit" aria-label={`Change ${one.name}`} onClick={onEdit}>Change</Button>;
}
