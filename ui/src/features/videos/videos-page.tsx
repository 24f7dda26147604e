import MenuItem from "@mui/material/MenuItem";
import Select from "@mui/material/Select";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { lazy, Suspense } from "react";

import { LoadingView } from "@/parts/loading-view";
import { Page } from "@/parts/page";
import { useShortcuts } from "@/parts/shortcuts";
import { plain } from "@/parts/words";
import { useUi } from "@/session/ui-store";

import { VideoList } from "./list";
import { TitleSearch } from "./title-search";
import { type Shape, SHAPES, STATUSES, useList } from "./use-list";
import { ViewsMenu } from "./views-menu";

const Board = lazy(() => import("./board"));
const Calendar = lazy(() => import("./calendar/calendar"));
const NAMES: Record<Shape, string> = { table: "Table", board: "Board", calendar: "Calendar" };

/** Every video: as a table that holds thousands, as a board of where each stands, or as a calendar of when each is shown. */
export default function VideosPage() {
  const channel = useUi((ui) => ui.channel);
  const list = useList();
  const { shape, status, search, sort, hidden, change } = list;
  useShortcuts("Videos", SHAPES.map((one, at) => ({ keys: String(at + 1), does: `show them as a ${one}`, run: () => { change({ shape: one === "table" ? "" : one }); } })));
  return (
    <Page
      title="Videos" wide fill
      actions={
        <>
          {shape === "table" ? (
            <>
              <TitleSearch value={search} onSearch={(words) => { change({ search: words }); }} />
              <Select size="small" displayEmpty value={status ?? ""} onChange={(event) => { change({ status: event.target.value }); }} slotProps={{ input: { "aria-label": "Status" } }} sx={{ height: 32, minWidth: 180, fontSize: 14 }}>
                <MenuItem value="">Every status</MenuItem>
                {STATUSES.map((one) => <MenuItem key={one} value={one}>{plain(one)}</MenuItem>)}
              </Select>
            </>
          ) : null}
          <ViewsMenu query={list.query} hidden={hidden} onShow={list.show} onHide={(without) => { change({ without }); }} />
          <ToggleButtonGroup size="small" exclusive value={shape} aria-label="Shape" onChange={(_, value: Shape | null) => { if (value !== null) change({ shape: value === "table" ? "" : value }); }}>
            {SHAPES.map((one) => <ToggleButton key={one} value={one}>{NAMES[one]}</ToggleButton>)}
          </ToggleButtonGroup>
        </>
      }
    >
      <Suspense fallback={<LoadingView rows={8} />}>
        {shape === "table" ? <VideoList wanted={{ channel, status, search, sort }} hidden={hidden} onSort={(one) => { change({ sort: one === "newest" ? "" : one }); }} onClear={() => { change({ status: "", search: "" }); }} /> : null}
        {shape === "board" ? <Board channel={channel} /> : null}
        {shape === "calendar" ? <Calendar channel={channel} /> : null}
      </Suspense>
    </Page>
  );
}
