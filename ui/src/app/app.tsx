import CssBaseline from "@mui/material/CssBaseline";
import { ThemeProvider } from "@mui/material/styles";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, useState } from "react";
import { RouterProvider } from "react-router-dom";

import { Toasts } from "@/parts/toasts";
import { theme } from "@/theme/theme";

import { makeQueries } from "./queries";
import { makeRouter } from "./router";

export function App() {
  const [queries] = useState(makeQueries);
  const [router] = useState(makeRouter);
  return (
    <StrictMode>
      <ThemeProvider theme={theme} defaultMode="system" noSsr>
        <CssBaseline enableColorScheme />
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} future={{ v7_startTransition: true }} />
          <Toasts />
        </QueryClientProvider>
      </ThemeProvider>
    </StrictMode>
  );
}
