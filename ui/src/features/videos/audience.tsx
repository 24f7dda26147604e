import { useQuery } from "@tanstack/react-query";

import type { Figure } from "@/api/schema";
import { LoadingView } from "@/parts/loading-view";
import { Facts } from "@/parts/named-facts";
import { Panel } from "@/parts/panel";
import { QueryView } from "@/parts/query-view";
import { When } from "@/parts/when";
import { duration, plain } from "@/parts/words";

import { publicationQuery } from "./queries";

const NUMBER = new Intl.NumberFormat("en-US");

/** What the platform tells of a published video, each figure with its age, and when it is looked at next. */
export function Audience({ publication }: { publication: string }) {
  const told = useQuery(publicationQuery(publication));
  return (
    <Panel title="Its audience">
      <QueryView query={told} loading={<LoadingView rows={3} height={20} />}>
        {(data) => {
          const next = data.looks.find((one) => one.status !== "done");
          const figures = Object.entries(data.figures).map(([name, figure]) => [name === "ctr" ? "Click rate" : plain(name.charAt(0).toUpperCase() + name.slice(1)), shown(name, figure)] as const);
          return <Facts facts={[...figures, ...(next === undefined ? [] : [["Looked at next", <When key="next" at={next.due} />] as const])]} />;
        }}
      </QueryView>
    </Panel>
  );
}

function shown(name: string, { value, age_s, why }: Figure): string {
  if (value === null) return `not known: ${why}`;
  const figure = name === "ctr" ? `${(value * 100).toFixed(1)}%` : NUMBER.format(value);
  return age_s === null ? figure : `${figure} (${duration(age_s)} ago)`;
}
