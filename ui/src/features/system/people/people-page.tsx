import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { EmptyView } from "@/parts/empty-view";
import { Icon } from "@/parts/icon";
import { LoadingView } from "@/parts/loading-view";
import { ProblemView } from "@/parts/problem-view";
import { useShortcuts } from "@/parts/shortcuts";
import { ShownOnce } from "@/parts/shown-once";
import { useSession } from "@/session/session-store";

import { SystemFrame } from "../system-frame";
import { InviteDialog } from "./invite-dialog";
import { PeopleTable } from "./people-table";
import { type LinkTold, peopleQuery } from "./queries";

/** Who is let in, and what each may do. */
export default function PeoplePage() {
  const may = useSession((session) => session.permissions.has("users:read"));
  if (!may) return <SystemFrame at="/system/people"><EmptyView icon="user" title="An admin lets people in">It tells who may do what here. Ask an admin of the studio.</EmptyView></SystemFrame>;
  return <People />;
}

function People() {
  const people = useInfiniteQuery(peopleQuery);
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<LinkTold | null>(null);
  const mayManage = useSession((session) => session.permissions.has("users:manage"));
  const invite = () => { if (mayManage) setInviting(true); };
  useShortcuts("People", mayManage ? [{ keys: "n", does: "let somebody in", run: invite }] : []);
  const all = people.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <SystemFrame at="/system/people" actions={mayManage ? <Button variant="contained" startIcon={<Icon name="plus" />} onClick={invite}>Let somebody in</Button> : null}>
      {people.isError ? <ProblemView error={people.error} onRetry={() => void people.refetch()} /> : null}
      {people.isPending ? <LoadingView rows={5} height={52} /> : null}
      {all.length > 0 ? <Paper sx={{ overflow: "hidden" }}><PeopleTable people={all} onLink={setLink} /></Paper> : null}
      {people.hasNextPage ? <Button color="inherit" disabled={people.isFetchingNextPage} onClick={() => void people.fetchNextPage()}>Show more</Button> : null}
      {inviting ? <InviteDialog onMade={(told) => { setInviting(false); setLink(told); }} onClose={() => { setInviting(false); }} /> : null}
      {link ? (
        <ShownOnce title={`A link for ${link.email}`} label="Link" value={`${location.origin}/welcome#${link.secret}`} onClose={() => { setLink(null); }}>
          <Typography variant="body2">Whoever opens it sets the password of {link.email} and is signed in. It is good once, for 24 hours, and shown now and never again: send it by a way that only they read.</Typography>
        </ShownOnce>
      ) : null}
    </SystemFrame>
  );
}
