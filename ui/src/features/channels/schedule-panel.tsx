import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";

import { LoadingView } from "@/parts/loading-view";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";

import { scheduleQuery } from "./queries";
import { ScheduleForm } from "./schedule-form";

export function SchedulePanel({ id, mayEdit }: { id: string; mayEdit: boolean }) {
  const schedule = useQuery(scheduleQuery(id));
  return (
    <Panel title="When it publishes">
      <QueryView query={schedule} loading={<Box sx={{ minHeight: 260 }}><LoadingView rows={3} height={64} /></Box>}>
        {(read) => <ScheduleForm id={id} schedule={read} mayEdit={mayEdit} />}
      </QueryView>
    </Panel>
  );
}
