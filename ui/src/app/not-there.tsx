import Button from "@mui/material/Button";
import { Link } from "react-router-dom";

import { EmptyView } from "@/parts/empty-view";
import { Page } from "@/parts/page";

export function NotThere() {
  return (
    <Page title="Not found">
      <EmptyView icon="search" title="There is no such page" action={<Button component={Link} to="/" variant="outlined">Go home</Button>}>
        The address may be of a page that moved. Ctrl-K goes anywhere.
      </EmptyView>
    </Page>
  );
}
