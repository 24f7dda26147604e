import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useEffect } from "react";
import { useRouteError } from "react-router-dom";

import { ProblemView } from "@/parts/problem-view";

const MARK = "ytempire-loaded-anew";
const NOT_TWICE_WITHIN_MS = 20_000;

/** A part of the page that is not there any more: the console was built anew while this page was open. */
export function isOfAnotherBuild(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|Importing a module script failed|error loading dynamically/i.test(error.message);
}

/** What a screen shows that failed; one of another build is loaded anew, once. */
export function RouteProblem() {
  const error = useRouteError();
  const anew = isOfAnotherBuild(error);
  useEffect(() => {
    const last = Number(sessionStorage.getItem(MARK) ?? 0);
    if (!anew || Date.now() - last < NOT_TWICE_WITHIN_MS) return;
    sessionStorage.setItem(MARK, String(Date.now()));
    location.reload();
  }, [anew]);
  return (
    <Box sx={{ maxWidth: 640, margin: "12vh auto", padding: 4, display: "grid", gap: 3 }}>
      <ProblemView error={error} title={anew ? "The console was built anew" : "This screen failed"} />
      <Button variant="outlined" onClick={() => { location.reload(); }}>Load the page again</Button>
    </Box>
  );
}
