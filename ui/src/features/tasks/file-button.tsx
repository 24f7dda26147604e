import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";
import { useEffect, useRef, useState } from "react";

import { asProblem, type Problem } from "@/api/problem";
import { Icon } from "@/parts/icon";

interface Parts<T> {
  label: string;
  /** File types, as the browser's picker takes them. */
  accept: string;
  send: (file: File, told: (part: number) => void, signal: AbortSignal) => Promise<T>;
  onSent: (sent: T) => void;
  /** What came in before, to be shown beside it. */
  held?: string | undefined;
}

/** Picks one file and sends it at once; says how far it is, and what is wrong with it where it is not taken. */
export function FileButton<T>({ label, accept, send, onSent, held }: Parts<T>) {
  const [part, setPart] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const leave = useRef<AbortController | null>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => () => { leave.current?.abort(); }, []);
  const take = async (file: File) => {
    leave.current = new AbortController();
    setProblem(null);
    setPart(0);
    try {
      onSent(await send(file, setPart, leave.current.signal));
    } catch (error) {
      if (!(error instanceof DOMException)) setProblem(asProblem(error));
    } finally {
      setPart(null);
    }
  };
  return (
    <Box sx={{ display: "grid", gap: 1, justifyItems: "start" }}>
      <Box sx={{ display: "flex", gap: 3, alignItems: "center" }}>
        <Button variant="outlined" color="inherit" startIcon={<Icon name="plus" />} disabled={part !== null} onClick={() => input.current?.click()}>{label}</Button>
        {held === undefined ? null : <Typography variant="body2" color="textSecondary">{held}</Typography>}
        {part === null ? null : <Button color="inherit" onClick={() => leave.current?.abort()}>Leave it</Button>}
      </Box>
      <input ref={input} type="file" accept={accept} hidden aria-label={label} onChange={(event) => { const file = event.target.files?.[0]; event.target.value = ""; if (file) void take(file); }} />
      {part === null ? null : <LinearProgress variant="determinate" value={part * 100} aria-label={`${label}: sent`} sx={{ width: 260, borderRadius: 1, height: 6 }} />}
      {problem === null ? null : <Typography variant="body2" color="error" role="alert">{problem.message}</Typography>}
    </Box>
  );
}
