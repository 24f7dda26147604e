import type { NewToken } from "@/api/schema";

export type Scope = NewToken["scopes"][number];

/** What a token may be given, in words, by what it is about. A new permission of the service that is missing here is an error of types. */
const MEANING: Record<Scope, string> = {
  "me:read": "see your account",
  "live:read": "be told of events as they happen",
  "channels:read": "see channels",
  "channels:edit": "pause channels, set budgets and schedules",
  "channels:create": "create channels",
  "accounts:read": "see connections to YouTube",
  "accounts:check": "check connections to YouTube",
  "videos:read": "see and play videos",
  "videos:edit": "edit, reschedule and pull back videos",
  "runs:read": "see runs",
  "runs:start": "start runs",
  "runs:stop": "stop, pause and resume runs",
  "tasks:read": "see tasks",
  "tasks:create": "ask for tasks",
  "tasks:cancel": "cancel and replay tasks",
  "approvals:read": "see what waits for a decision",
  "approvals:propose": "propose a decision; a person decides",
  "trends:read": "see topics and forecasts",
  "memory:read": "search what is remembered",
  "costs:read": "see costs and limits",
  "analytics:read": "see figures of videos",
  "incidents:read": "see incidents",
  "incidents:handle": "handle incidents",
  "quotas:read": "see quotas",
  "settings:read": "see settings",
  "payments:read": "see the plan",
  "metrics:read": "read metrics and health",
  "switches:engage": "stop everything",
  "webhooks:read": "see where events are sent",
  "users:read": "see who is let in",
  "audit:read": "read the audit trail",
};

/** Those that whoever asks has: a token never may more than its owner. */
export function scopesOf(permissions: ReadonlySet<string>): readonly (readonly [Scope, string])[] {
  return (Object.entries(MEANING) as [Scope, string][]).filter(([scope]) => permissions.has(scope));
}
