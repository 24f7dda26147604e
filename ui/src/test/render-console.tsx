import { CacheProvider } from "@emotion/react";
import { ThemeProvider } from "@mui/material/styles";
import { QueryClientProvider } from "@tanstack/react-query";
import { render, type RenderResult } from "@testing-library/react";
import axe from "axe-core";
import { createMemoryRouter, RouterProvider } from "react-router-dom";
import { expect } from "vitest";

import { makeQueries } from "@/app/queries";
import { routes } from "@/app/router";
import { Toasts } from "@/parts/toasts";
import { theme } from "@/theme/theme";

import { openPage } from "./fresh-page";
import { pageStyles } from "./page-styles";

/** The whole console at an address, over the service of `service.ts`. */
export function renderConsole(path: string): RenderResult & { router: ReturnType<typeof createMemoryRouter> } {
  openPage();
  const router = createMemoryRouter(routes(), { initialEntries: [path], future: { v7_relativeSplatPath: true } });
  const queries = makeQueries();
  queries.setDefaultOptions({ queries: { ...queries.getDefaultOptions().queries, retry: false, staleTime: 0 } });
  const shown = render(
    <CacheProvider value={pageStyles()}>
      <ThemeProvider theme={theme}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} future={{ v7_startTransition: true }} />
          <Toasts />
        </QueryClientProvider>
      </ThemeProvider>
    </CacheProvider>,
  );
  return { ...shown, router };
}

/** Colours are looked at in a real browser (`make e2e`): jsdom paints nothing. */
export async function expectAccessible(within: Element = document.body): Promise<void> {
  const found = await axe.run(within, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } }, resultTypes: ["violations"] });
  const serious = found.violations.filter((one) => one.impact === "serious" || one.impact === "critical");
  expect(serious.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
}
