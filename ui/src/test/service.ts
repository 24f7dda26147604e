import { http, HttpResponse, type JsonBodyType } from "msw";
import { setupServer } from "msw/node";

import type { Me, SignedInView, UserView, Waiting } from "@/api/schema";

/** The service as tests see it: what a studio with one channel and nothing to do answers. A test replaces what it is about. */

export const ADA: UserView = { id: "user_1", email: "ada@example.org", name: "Ada", role: "admin", disabled: false, created_at: "2026-11-29T08:00:00Z" };
export const BEN: UserView = { ...ADA, id: "user_2", email: "ben@example.org", name: "Ben", role: "operator" };
export const SIGNED: SignedInView = { access_token: "token-1", token_type: "Bearer", expires_in: 600, user: ADA };
export const EVERYTHING = [
  "me:read", "me:edit", "live:read", "channels:read", "channels:edit", "channels:create", "videos:read", "videos:edit", "runs:read", "runs:start", "runs:stop", "tasks:read", "tasks:create", "approvals:read", "approvals:decide",
  "trends:read", "memory:read", "costs:read", "costs:limit", "analytics:read", "incidents:read", "incidents:handle", "switches:engage", "switches:release", "metrics:read", "settings:read", "audit:read", "accounts:read", "quotas:read", "payments:read", "users:read",
];
export const ME: Me = { user: ADA, tenant: "tenant_local", via: "session", permissions: EVERYTHING };
export const WAITING: Waiting = {
  approvals: { waiting: 0, oldest_s: 0 }, tasks: { queued: 0, planned: 0 }, runs: { making: 0, waiting: 0, paused: 0 }, autonomous_runs: 0, dead_letters: 0,
  incidents: { unresolved: 0, critical: 0 }, channels: { all: 1, paused: 0 },
};
export const CHANNEL = { id: "pulse", name: "Pulse", personality: "pulse", autonomy: "review", paused: false, paused_reason: null, paused_at: null, held_until: null, held_reason: null, budget_day_usd: 3, two_person: false, created_at: "2026-11-29T08:00:00Z" };
/** An answer of `/v1/analytics`, with how new it is. */
export const FRESH = { source: "database", read_at: "2026-11-29T10:00:00Z", as_of: "2026-11-29T10:00:00Z" };
const MOMENTS = [{ at: "2026-11-29T09:30:00Z", queues: {}, approvals: 0, oldest_approval_s: 0 }, { at: "2026-11-29T10:00:00Z", queues: {}, approvals: 0, oldest_approval_s: 0 }];
export const PERSONALITY = {
  id: "pulse", name: "Pulse", tagline: "What moves today.", niche: "technology", language: "en", tone: ["calm", "exact"], format: "landscape", cadence_per_week: 3,
  palette: { ground: "#fdf6f3", ground2: "#f7dfd8", ink: "#2a1a24", soft: "#6f5360", accent: "#d6336c", accent2: "#f3a58f" }, font: { head: "Manrope", body: "Hanken Grotesk", uppercase: false },
  voice: { name: "joe-medium", words_per_minute: 152 }, sample_still: "/v1/personalities/pulse/samples/still", voice_sample: "/v1/personalities/pulse/samples/voice",
};
const NONE = { items: [], next: null };
const NO_COST = { key: null, booked_usd: 0, reserved_usd: 0, unknown_usd: 0, calls: 0, unknown_calls: 0, failed_calls: 0 };

export function get(path: string, body: JsonBodyType, status = 200) {
  return http.get(`*${path}`, () => HttpResponse.json(body, { status, headers: { etag: '"v1"' } }));
}

export function problem(status: number, code: string, detail: string, more: Record<string, unknown> = {}) {
  return HttpResponse.json({ type: `urn:ytempire:problem:${code}`, title: "", status, code, detail, request_id: "req_1", retryable: status === 503, errors: [], ...more }, { status });
}

export const server = setupServer(
  http.post("*/v1/auth/refresh", () => HttpResponse.json(SIGNED)),
  http.post("*/v1/auth/logout", () => new HttpResponse(null, { status: 204 })),
  http.post("*/v1/me/socket-tickets", () => problem(503, "unavailable", "no sockets in tests")),
  get("/v1/me", ME),
  get("/v1/users", { items: [ADA, BEN], next: null }),
  get("/v1/system/waiting", WAITING),
  get("/v1/system/health", { worst: "ok", findings: [], brakes: [], processes: {}, queues: [], backup_age_s: null, spent_today_usd: 0, database_connections: 1 }),
  get("/v1/channels", { items: [CHANNEL], next: null }),
  get("/v1/personalities", { items: [] }),
  get("/v1/switches", { items: [] }),
  get("/v1/approvals", NONE),
  get("/v1/incidents", NONE),
  get("/v1/videos", NONE),
  get("/v1/costs", { by: "day", since: null, until: null, rehearsed: false, total: NO_COST, rows: [] }),
  get("/v1/cost-limits", { items: [] }),
  get("/v1/costs/videos", { rehearsed: false, items: [] }),
  get("/v1/analytics/productions", { days: [], freshness: FRESH }),
  get("/v1/analytics/waiting", { moments: MOMENTS, freshness: FRESH }),
  get("/v1/analytics/recoveries", { items: [], freshness: FRESH }),
  get("/v1/analytics/forecasts", { items: [], freshness: FRESH }),
  get("/v1/channels/:id/sameness", { channel: "pulse", provenance: "real", checks: 0, nearest: null, measures: [], budget: { measured: 0, over: 0, room: 1 } }),
  http.get("*/v1/personalities/:id/samples/:kind", () => HttpResponse.arrayBuffer(new ArrayBuffer(8), { headers: { "content-type": "image/jpeg" } })),
);
