import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";

import { asProblem, type Problem } from "@/api/problem";

/** What happened, what was kept, and what to do. */
function advice(problem: Problem): string {
  if (problem.isOffline) return "";
  if (problem.status === 403) return "An admin of the studio can change what your role may do.";
  if (problem.status === 404) return "It may have been removed; go back to the list.";
  if (problem.status === 429) return "Wait a little before the next try.";
  if (problem.status === 503) return "It is down for a moment; try again.";
  if (problem.status >= 500) return "Nothing of yours was lost. The request's id leads to it in the server's log.";
  return "";
}

export function ProblemView({ error, onRetry, title }: { error: unknown; onRetry?: (() => void) | undefined; title?: string }) {
  const problem = asProblem(error);
  return (
    <Alert
      severity={problem.status === 403 ? "info" : "error"}
      variant="outlined"
      role="alert"
      sx={{ alignItems: "flex-start", borderRadius: 2 }}
      action={onRetry ? <Button color="inherit" onClick={onRetry}>Try again</Button> : undefined}
    >
      {title ? <Typography variant="h3" component="p">{title}</Typography> : null}
      <Typography variant="body2">{problem.message}</Typography>
      {problem.errors.length > 1 ? (
        <ul style={{ margin: "4px 0 0", paddingInlineStart: 18 }}>
          {problem.errors.map((one) => <li key={one.field}><Typography variant="body2">{one.field}: {one.message}</Typography></li>)}
        </ul>
      ) : null}
      <Typography variant="caption" color="textSecondary">
        {advice(problem)}{problem.requestId && problem.status >= 500 ? ` (${problem.requestId})` : ""}
      </Typography>
    </Alert>
  );
}
