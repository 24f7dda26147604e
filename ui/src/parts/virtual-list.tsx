import Box from "@mui/material/Box";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";

interface Parts<T> {
  items: readonly T[];
  label: string;
  rowHeight: number;
  idOf: (item: T) => string;
  children: (item: T) => ReactNode;
  /** Kept in sight when another is chosen. */
  chosen?: string | undefined;
  /** Called while the end is near: read more. */
  onNearEnd: () => void;
}

const AHEAD = 20;

/** A long list, drawn only as far as it is seen: a thousand rows cost what ten do. */
export function VirtualList<T>({ items, label, rowHeight, idOf, children, chosen, onNearEnd }: Parts<T>) {
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- it measures by itself, and nothing here is memoised on it
  const rows = useVirtualizer({ count: items.length, getScrollElement: () => box.current, estimateSize: () => rowHeight, overscan: 8, initialRect: { width: 320, height: 800 } });
  const last = rows.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    const at = items.findIndex((one) => idOf(one) === chosen);
    if (at >= 0) rows.scrollToIndex(at, { align: "auto" });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when another is chosen
  }, [chosen]);
  useEffect(() => {
    if (last >= items.length - AHEAD) onNearEnd();
  }, [last, items.length, onNearEnd]);
  return (
    <Box ref={box} role="list" aria-label={label} tabIndex={0} sx={{ flex: 1, minHeight: 0, overflow: "auto", "&:focus-visible": { outlineOffset: -2 } }}>
      <Box sx={{ position: "relative" }} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const one = items[row.index];
          return one === undefined ? null : (
            <div key={idOf(one)} role="listitem" aria-setsize={items.length} aria-posinset={row.index + 1} style={{ position: "absolute", insetInline: 0, height: rowHeight, transform: `translateY(${String(row.start)}px)` }}>
              {children(one)}
            </div>
          );
        })}
      </Box>
    </Box>
  );
}
