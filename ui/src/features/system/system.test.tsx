import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { EVERYTHING, FRESH, get, ME, problem, server } from "@/test/service";

// Loaded before anything is waited for: they are the heaviest parts of the screen.
import "@/parts/dots-chart";
import "@/parts/series-chart";

const AT = "2026-11-29T08:00:00Z";
const FINDING = { name: "disk", status: "ok", said: "40 GB are free", fix: "", reading: {}, since: AT, at: AT, age_s: 12 };
const SETTING = { name: "YTEMPIRE_LIMIT_DAY_USD", value: 45, is_set: true, secret: false, source: "environment", changeable: true, changed_by: null, changed_at: null };
const SECRET = { ...SETTING, name: "OPENAI_API_KEY", value: null, secret: true, changeable: false };

function allow(...more: string[]) {
  server.use(get("/v1/me", { ...ME, permissions: [...EVERYTHING, ...more] }));
}

test("the worst that the watchdog found comes first, with its fix, beside queues and processes", async () => {
  server.use(get("/v1/system/health", {
    worst: "warning", findings: [FINDING, { ...FINDING, name: "backups", status: "warning", said: "the last is two days old", fix: "Run ytempire backup." }], brakes: [], processes: { conductor: { silent_s: 4, work: "3 runs" } },
    queues: [{ queue: "gpu", waiting: 0, flying: 0, workers: 0, oldest_s: 0 }, { queue: "cpu", waiting: 3, flying: 2, workers: 2, oldest_s: 70 }], backup_age_s: null, spent_today_usd: 0, database_connections: 21,
  }));
  renderConsole("/system");
  const found = await screen.findAllByRole("listitem");
  expect(found[0]).toHaveTextContent("backups: the last is two days oldRun ytempire backup.");
  expect(within(screen.getByRole("table", { name: "Queues" })).getByText("1 min 10 s")).toBeVisible();
  expect(screen.getByText(/No backup was ever begun/)).toBeVisible();
  await expectAccessible();
});

test("whether workers keep up, and how long faults lasted, is told beside a table of it", async () => {
  const at = (hour: string, cpu: number) => ({ at: `2026-11-29T${hour}:00:00Z`, queues: cpu > 0 ? { cpu } : {}, approvals: 0, oldest_approval_s: 0 });
  const fault = { at: AT, fault: "worker lost", what: "render_video", said: "worker_lost", id: "job_1", seconds: 70, lasts: false };
  server.use(
    get("/v1/analytics/waiting", { moments: [at("08", 0), at("09", 4), at("10", 1)], freshness: FRESH }),
    get("/v1/analytics/recoveries", { items: [fault, { ...fault, id: "job_2", seconds: null, lasts: true }, { ...fault, id: "job_3", seconds: null }], freshness: FRESH }),
  );
  renderConsole("/system");
  expect(await screen.findByText(/At most 4 calls waited/)).toBeVisible();
  expect(await screen.findByText("1 fault mended, the slowest in 1 min 10 s. 1 lasts still. After 1 the work was given up.")).toBeVisible();
  expect(await screen.findByRole("img", { name: /^Calls that waited in 24 hours, by queue: cpu; at most 4/ })).toBeInTheDocument();
  expect(await screen.findByRole("img", { name: /^1 fault of 14 days by how long each lasted/ })).toBeInTheDocument();
  await userEvent.click(screen.getAllByText("As a table")[1] as HTMLElement);
  expect(within(screen.getByRole("table", { name: /How long until work went on/ })).getByText("given up")).toBeVisible();
  await expectAccessible();
});

test("a setting is changed from what it is now; a secret is never shown, and the rest says where it is set", async () => {
  allow("settings:edit");
  const sent: unknown[] = [];
  server.use(
    get("/v1/settings", { items: [SETTING, SECRET] }),
    get("/v1/settings/:name", SETTING),
    http.put("*/v1/settings/:name", async ({ request, params }) => { sent.push({ name: params["name"], of: request.headers.get("if-match"), body: await request.json() }); return HttpResponse.json({ ...SETTING, value: 20, source: "set" }); }),
  );
  renderConsole("/system/settings");
  expect(await screen.findByText("is set, not shown")).toBeVisible();
  expect(screen.getByText("in the environment")).toBeVisible();
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Change YTEMPIRE_LIMIT_DAY_USD" }));
  const field = await screen.findByLabelText("Value");
  await userEvent.clear(field);
  await userEvent.type(field, "20{Enter}");
  await waitFor(() => { expect(sent).toEqual([{ name: "YTEMPIRE_LIMIT_DAY_USD", of: '"v1"', body: { value: 20 } }]); });
  await waitFor(() => { expect(screen.queryByRole("dialog")).toBeNull(); });
  await userEvent.type(screen.getByLabelText("Find a setting"), "nothing like it");
  expect(await screen.findByText("No setting of that name")).toBeVisible();
});

test("the trail names people, is searched by their names and checked, and a broken one says where", async () => {
  const asked: string[] = [];
  server.use(
    http.get("*/v1/audit", ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json({ items: [{ id: 7, at: AT, actor: "user_2", action: "channel.changed", subject: "pulse", details: { paused: true }, seal: 6, hash: "a" }], next: null });
    }),
    http.get("*/v1/audit/verify", () => problem(409, "audit_broken", "event 5 was changed")),
  );
  renderConsole("/system/audit");
  expect(await screen.findByText("paused: true")).toBeVisible();
  expect(await screen.findByText("Ben")).toBeVisible();
  await expectAccessible();
  await userEvent.type(screen.getByLabelText("Did what"), "channel.changed{Enter}");
  await waitFor(() => { expect(asked.at(-1)).toBe("?limit=100&action=channel.changed"); });
  await userEvent.type(screen.getByLabelText("Who"), "ben{Enter}");
  await waitFor(() => { expect(asked.at(-1)).toBe("?limit=100&actor=user_2&action=channel.changed"); });
  await userEvent.click(screen.getByRole("button", { name: "Is it whole?" }));
  expect(await screen.findByText("The trail is not whole: event 5 was changed")).toBeVisible();
});

test("who may not read the trail is told who can", async () => {
  server.use(get("/v1/me", { ...ME, permissions: ["me:read", "metrics:read"] }));
  renderConsole("/system/audit");
  expect(await screen.findByText("An admin reads the trail")).toBeVisible();
});
