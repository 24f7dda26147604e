import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import Paper from "@mui/material/Paper";
import { useMemo } from "react";
import { Link } from "react-router-dom";

import type { VideoRow } from "@/api/schema";
import { VirtualList } from "@/parts/virtual-list";

import { type Column, COLUMNS } from "./columns";
import type { Sort } from "./list-queries";

const ROW = 44;
const idOf = (one: VideoRow) => one.id;
const UP: ReadonlySet<Sort> = new Set(["title", "publish_at", "oldest"]);

interface Parts {
  items: readonly VideoRow[];
  hidden: ReadonlySet<string>;
  sort: Sort;
  onSort: (sort: Sort) => void;
  onNearEnd: () => void;
}

export function VideoTable({ items, hidden, sort, onSort, onNearEnd }: Parts) {
  const columns = useMemo(() => COLUMNS.filter((one) => !hidden.has(one.id)), [hidden]);
  const grid = { display: "grid", gridTemplateColumns: columns.map((one) => one.width).join(" "), gap: 4, paddingInline: 4, alignItems: "center" } as const;
  return (
    <Paper sx={{ flex: 1, minHeight: 0, display: "flex", flexDirection: "column", overflow: "hidden" }}>
      <Box role="group" aria-label="Order" sx={{ ...grid, height: 36, fontSize: 12, fontWeight: 560, color: "text.secondary", borderBottom: 1, borderColor: "divider" }}>
        {columns.map((one) => <Head key={one.id} column={one} sort={sort} onSort={onSort} />)}
      </Box>
      <VirtualList items={items} label="Videos" rowHeight={ROW} idOf={idOf} onNearEnd={onNearEnd}>
        {(one) => (
          <Box
            component={Link} to={`/videos/${one.id}`} data-figures
            sx={{ ...grid, height: ROW, fontSize: 13, color: "inherit", textDecoration: "none", borderBottom: 1, borderColor: "divider", "&:hover": { backgroundColor: "action.hover" }, "&:focus-visible": { outlineOffset: -2 }, "& > *": { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" } }}
          >
            {columns.map((column) => <span key={column.id}>{column.cell(one)}</span>)}
          </Box>
        )}
      </VirtualList>
    </Paper>
  );
}

/** The name of a column; one that can be ordered by is a button that says which way it is. */
function Head({ column, sort, onSort }: { column: Column; sort: Sort; onSort: (sort: Sort) => void }) {
  if (column.sorts === undefined) return <span>{column.name}</span>;
  const [first, second] = column.sorts;
  const by = sort === first || sort === second;
  const way = UP.has(sort) ? "ascending" : "descending";
  return (
    <ButtonBase
      aria-label={by ? `${column.name}, ${way}: turn round` : `Order by ${column.name.toLowerCase()}`} aria-pressed={by} onClick={() => { onSort(sort === first ? second : first); }}
      sx={{ justifyContent: "start", gap: 1, font: "inherit", color: by ? "text.primary" : "inherit", height: 28, marginInline: -2, paddingInline: 2, borderRadius: 1, "&:hover": { backgroundColor: "action.hover" } }}
    >
      {column.name}<Box component="span" aria-hidden sx={{ width: 10 }}>{by ? (UP.has(sort) ? "↑" : "↓") : ""}</Box>
    </ButtonBase>
  );
}
