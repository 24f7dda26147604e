import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";

import { asProblem } from "@/api/problem";
import { ProblemView } from "@/parts/problem-view";

interface Parts {
  error: Error | null;
  /** What it is now, where somebody else changed it. */
  now: string;
  onMine: () => void;
  onTheirs: () => void;
}

/** Why an edit was not made; where somebody else was faster, both ways on. */
export function StaleOrProblem({ error, now, onMine, onTheirs }: Parts) {
  if (error === null) return null;
  if (asProblem(error).status !== 412) return <ProblemView error={error} />;
  return (
    <Alert severity="warning" variant="outlined" role="alert" action={<><Button color="inherit" onClick={onMine}>Set mine</Button><Button color="inherit" onClick={onTheirs}>Take theirs</Button></>}>
      Somebody changed this meanwhile: now {now}.
    </Alert>
  );
}
