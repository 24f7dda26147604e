import Box from "@mui/material/Box";

import { Panel } from "@/parts/panel";

const FLOWS = [
  ["inject-topic.json", "a form asks for a topic and hands it in"],
  ["propose-decision.json", "a message in a chat becomes a proposal that a person decides on"],
  ["morning-report.json", "mails at eight what waits, what is wrong and what was spent"],
] as const;

/** How n8n takes part: what to import, and what each needs. */
export function N8nPanel() {
  return (
    <Panel title="n8n">
      <Box sx={{ display: "grid", gap: 2, fontSize: 13 }}>
        <div>Three workflows to import lie in <code>infra/deploy/n8n</code>; <code>docs/n8n.md</code> says which credentials each needs.</div>
        <Box component="ul" sx={{ margin: 0, paddingInlineStart: 5, display: "grid", gap: 1 }}>
          {FLOWS.map(([file, does]) => <li key={file}><code>{file}</code>: {does}</li>)}
        </Box>
        <Box sx={{ color: "text.secondary" }}>To be told of events, add the address of a webhook node here. One on this machine or in your network is named in YTEMPIRE_WEBHOOK_PRIVATE first.</Box>
      </Box>
    </Panel>
  );
}
