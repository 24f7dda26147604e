import type { Query, QueryClient } from "@tanstack/react-query";

import type { LiveEvent } from "./messages";
import { pagesOf, rereadPages } from "./pages";

/** Query keys begin with the noun that they read; an event of a noun makes these old. */
const CONCERNED: Record<string, readonly string[]> = {
  approval: ["approvals", "videos", "waiting", "analytics"],
  video: ["videos", "approvals"],
  publication: ["videos", "analytics"],
  // What a task asked for is made by a production, which a fleet begins.
  run: ["runs", "videos", "tasks", "waiting", "costs", "analytics"],
  run_event: ["runs"],
  autonomous_run: ["autonomous-runs", "tasks", "waiting"],
  channel: ["channels"],
  task: ["tasks", "waiting"],
  incident: ["incidents", "waiting", "analytics"],
  message: ["incidents"],
  switch: ["switches", "costs"],
};
const TOGETHER_MS = 250;

/** Gathers what events make old and has it read again in one go: a run in full swing says ten things a second. */
export class Invalidation {
  private readonly nouns = new Set<string>();
  private readonly subjects = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly queries: QueryClient) {}

  onEvent(event: LiveEvent): void {
    for (const noun of CONCERNED[event.kind.split(".")[0] ?? ""] ?? []) this.nouns.add(noun);
    for (const subject of [event.subject, event.run]) if (subject) this.subjects.add(subject);
    if (this.nouns.size > 0) this.timer ??= setTimeout(() => { this.flush(); }, TOGETHER_MS);
  }

  onResync(): void {
    void this.queries.invalidateQueries();
  }

  private flush(): void {
    this.timer = undefined;
    const nouns = new Set(this.nouns);
    const subjects = new Set(this.subjects);
    this.nouns.clear();
    this.subjects.clear();
    const isOld = (query: Query) => nouns.has(String(query.queryKey[0]));
    const isLong = (query: Query) => query.isActive() && pagesOf(query) !== null;
    const long = this.queries.getQueryCache().findAll({ predicate: (query) => isOld(query) && isLong(query) });
    // What cannot be read page by page is read whole, as it would be by itself.
    for (const query of long) void rereadPages(this.queries, query, subjects).catch(() => this.queries.invalidateQueries({ queryKey: query.queryKey, exact: true }));
    void this.queries.invalidateQueries({ predicate: (query) => isOld(query) && !long.includes(query) });
  }
}
