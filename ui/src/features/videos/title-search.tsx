import InputAdornment from "@mui/material/InputAdornment";
import TextField from "@mui/material/TextField";
import { useEffect, useRef, useState } from "react";

import { Icon } from "@/parts/icon";
import { useShortcuts } from "@/parts/shortcuts";

const REST_MS = 250;

/** Words that titles have in them, asked for once the typing rests. */
export function TitleSearch({ value, onSearch }: { value: string; onSearch: (words: string) => void }) {
  // While somebody types the field is theirs: what is asked for has no space at its end, and may come later.
  const [typed, setTyped] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const search = useRef(onSearch);
  useEffect(() => { search.current = onSearch; });
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(() => { search.current(typed.trim()); }, REST_MS);
    return () => { clearTimeout(timer); };
  }, [typed]);
  useShortcuts("Videos", [{ keys: "f", does: "find by title", run: () => { field.current?.focus(); } }]);
  return (
    <TextField
      type="search" placeholder="Find by title" value={typed ?? value} onChange={(event) => { setTyped(event.target.value); }} onBlur={() => { if (typed !== null) onSearch(typed.trim()); setTyped(null); }} inputRef={field} fullWidth={false}
      slotProps={{ htmlInput: { "aria-label": "Find by title", maxLength: 100 }, input: { startAdornment: <InputAdornment position="start"><Icon name="search" /></InputAdornment>, sx: { height: 32, fontSize: 14, width: 210 } } }}
    />
  );
}
