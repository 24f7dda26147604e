import Typography from "@mui/material/Typography";

import type { EndpointSecret } from "@/api/schema";
import { ShownOnce } from "@/parts/shown-once";

/** The secret by which a receiver knows that an event is ours. */
export function SecretShown({ endpoint, onClose }: { endpoint: EndpointSecret; onClose: () => void }) {
  return (
    <ShownOnce title="What signs the events" label="Secret" value={endpoint.secret} onClose={onClose}>
      <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>
        Give it to the receiver at {endpoint.url}: it checks the header <code>x-ytempire-signature</code> with it. It is shown now and never again.
      </Typography>
    </ShownOnce>
  );
}
