import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { create } from "zustand";

import { asProblem } from "@/api/problem";

type Severity = "success" | "info" | "error";

interface Toast {
  id: number;
  severity: Severity;
  text: string;
  action?: { label: string; run: () => void } | undefined;
}

const LASTS_MS = 6_000;
const ERROR_LASTS_MS = 15_000;
const MOST = 3;
export const useToasts = create<{ toasts: Toast[] }>()(() => ({ toasts: [] }));
let next = 1;

function dismiss(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) }));
}

/** Say something that passes by itself; `action` is what to do about it. */
export function toast(severity: Severity, text: string, action?: Toast["action"]): void {
  const id = next++;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, { id, severity, text, action }].slice(-MOST) }));
  setTimeout(() => { dismiss(id); }, severity === "error" ? ERROR_LASTS_MS : LASTS_MS);
}

export function toastProblem(error: unknown, retry?: () => void): void {
  toast("error", asProblem(error).message, retry ? { label: "Try again", run: retry } : undefined);
}

export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <Box aria-live="polite" sx={{ position: "fixed", insetInlineEnd: 20, insetBlockEnd: 20, display: "grid", gap: 2, zIndex: "snackbar", width: 380, maxWidth: "calc(100vw - 40px)" }}>
      {toasts.map((one) => (
        <Alert
          key={one.id} severity={one.severity} variant="outlined" onClose={() => { dismiss(one.id); }}
          sx={{ backgroundColor: "raised", boxShadow: "0 6px 24px rgb(0 0 0 / 0.12)" }}
        >
          {one.text}
          {one.action ? <Button color="inherit" sx={{ marginInlineStart: 2, minHeight: 0 }} onClick={() => { one.action?.run(); dismiss(one.id); }}>{one.action.label}</Button> : null}
        </Alert>
      ))}
    </Box>
  );
}
