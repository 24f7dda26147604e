import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, Suspense } from "react";

import { CHART_HEIGHT } from "./chart-size";
import { LoadingView } from "./loading-view";
import { Panel } from "./panel";
import { QueryView } from "./query-view";
import { When } from "./when";

export interface Tabled {
  columns: readonly string[];
  rows: readonly (readonly ReactNode[])[];
}

interface Parts<T> {
  /** The question that the chart answers. */
  title: string;
  query: UseQueryResult<T>;
  /** What it covers, said beside its age. */
  covers: string;
  asOf?: (data: T) => string;
  /** Why there is nothing to draw; null where there is. */
  none: (data: T) => ReactNode;
  /** The answer in words, above the chart. */
  said?: (data: T) => ReactNode;
  table: (data: T) => Tabled;
  children: (data: T) => ReactNode;
}

/** A question, its answer in words, as a picture and as a table, and how old that is. The picture's code is loaded when it is shown. */
export function ChartPanel<T>({ title, query, covers, asOf, none, said, table, children }: Parts<T>) {
  const read = query.data === undefined ? undefined : (asOf?.(query.data) ?? new Date(query.dataUpdatedAt).toISOString());
  return (
    <Panel title={title} aside={<Typography variant="caption" color="textSecondary">{covers}{read === undefined ? null : <>; as of <When at={read} /></>}</Typography>}>
      <QueryView query={query} loading={<LoadingView rows={1} height={CHART_HEIGHT + 62} />}>
        {(data) => {
          const nothing = none(data);
          if (nothing !== null) return <Box sx={{ minHeight: CHART_HEIGHT + 62, display: "grid", alignContent: "center" }}>{nothing}</Box>;
          return (
            <Box sx={{ display: "grid", gap: 2, minHeight: CHART_HEIGHT + 62, alignContent: "start" }}>
              {said ? <Typography variant="body2" data-figures="">{said(data)}</Typography> : null}
              <Suspense fallback={<LoadingView rows={1} height={CHART_HEIGHT} />}>{children(data)}</Suspense>
              <AsTable title={title} {...table(data)} />
            </Box>
          );
        }}
      </QueryView>
    </Panel>
  );
}

function AsTable({ title, columns, rows }: Tabled & { title: string }) {
  return (
    <Box component="details" sx={{ fontSize: 12, "& summary": { cursor: "pointer", color: "text.secondary", width: "fit-content" } }}>
      <summary>As a table</summary>
      <Box role="region" aria-label={`Table: ${title}`} tabIndex={0} sx={{ maxHeight: 280, overflow: "auto", marginBlockStart: 2 }}>
        <Box component="table" aria-label={title} sx={{ width: "100%", borderCollapse: "collapse", "& th, & td": { padding: "5px 12px 5px 0", textAlign: "end", fontWeight: 450, borderBottom: 1, borderColor: "divider" }, "& th:first-of-type": { textAlign: "start" }, "& thead th": { position: "sticky", top: 0, backgroundColor: "background.paper", color: "text.secondary" } }}>
          <thead><tr>{columns.map((one) => <th key={one} scope="col">{one}</th>)}</tr></thead>
          <tbody>
            {rows.map((row, number) => <tr key={number}>{row.map((cell, at) => (at === 0 ? <th key={columns[at]} scope="row">{cell}</th> : <td key={columns[at]}>{cell}</td>))}</tr>)}
          </tbody>
        </Box>
      </Box>
    </Box>
  );
}
