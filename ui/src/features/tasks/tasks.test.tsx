import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { useUi } from "@/session/ui-store";
import { expectAccessible, renderConsole } from "@/test/render-console";
import { get, ME, problem, server } from "@/test/service";

import { linesOf } from "./asked";
import { beginningOf, fieldsOf, objectOf } from "./call-shape";
import { rowsOf, wrongWith } from "./inject-form";
// Read before the first test, so that no wait for what is shown is a wait for a module.
import "./tasks-page";

const TASK = { id: "task_1", kind: "topic", status: "queued", priority: "normal", channel: "pulse", due_at: null, what: "salt lakes", reason: "no run is on", run: null, created_by: "user_1", created_at: "2026-11-29T08:00:00Z", finished_at: null };

test("topics are lines, and what is wrong with them is told before they are sent", () => {
  expect(linesOf(" salt lakes \n\n tides")).toEqual(["salt lakes", "tides"]);
  expect(wrongWith(["salt lakes"])).toBeNull();
  expect(wrongWith(["ab"])).toBe('"ab" has 2 characters; a topic has 3 to 200.');
  expect(wrongWith(Array.from({ length: 51 }, () => "salt"))).toContain("at most 50");
});

test("many topics are asked for at once, and a task is taken back", async () => {
  const sent: unknown[] = [];
  server.use(
    get("/v1/me", { ...ME, permissions: [...ME.permissions, "tasks:cancel"] }),
    get("/v1/tasks", { items: [TASK], next: null }),
    http.post("*/v1/tasks/batch", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ items: [TASK, TASK] }, { status: 201 });
    }),
    http.post("*/v1/tasks/:id/cancel", ({ params }) => {
      sent.push(params["id"]);
      return HttpResponse.json({ ...TASK, status: "cancelled" });
    }),
  );
  renderConsole("/tasks");
  expect(await screen.findByText("salt lakes")).toBeVisible();
  await expectAccessible();
  await userEvent.type(screen.getByLabelText("Topics, one a line"), "tides{Enter}fog");
  await userEvent.click(screen.getByRole("button", { name: "Ask for them" }));
  expect(await screen.findByText("2 tasks queued.")).toBeVisible();
  await userEvent.click(within(screen.getByRole("list", { name: "Tasks" })).getByRole("button", { name: "Take back" }));
  await waitFor(() => {
    expect(sent).toEqual([{ tasks: [{ kind: "topic", topic: "tides", priority: "normal" }, { kind: "topic", topic: "fog", priority: "normal" }] }, "task_1"]);
  });
});

test("what failed for good can be tried again", async () => {
  const sent: unknown[] = [];
  const letter = { id: "job_1", tool: "render_video", queue: "cpu", run: "run_1", attempts: 3, error: { code: "tool_failed", message: "the disk was full" }, finished_at: "2026-11-29T08:00:00Z", created_at: "2026-11-29T07:00:00Z" };
  server.use(
    get("/v1/me", { ...ME, permissions: [...ME.permissions, "tasks:cancel"] }),
    get("/v1/tasks", { items: [], next: null }),
    get("/v1/dead-letters", { items: [letter], next: null }),
    http.post("*/v1/dead-letters/:id/replay", ({ params }) => {
      sent.push(params["id"]);
      return HttpResponse.json(letter, { status: 202 });
    }),
  );
  renderConsole("/tasks");
  await userEvent.click(await screen.findByRole("button", { name: "Dead letters" }));
  expect(await screen.findByText("the disk was full")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => { expect(sent).toEqual(["job_1"]); });
});

test("a task shows what serves it and how far that is, and x does a failed one again", async () => {
  const sent: unknown[] = [];
  const slot = { slot: "slot_1", channel: "pulse", status: "launched", publish_at: "2026-11-29T12:00:00Z", launch_at: "2026-11-29T11:00:00Z", attempts: 1, note: "", production: "run_1", production_status: "running", jobs: 8, jobs_done: 3 };
  server.use(
    get("/v1/me", { ...ME, permissions: [...ME.permissions, "tasks:cancel"] }),
    get("/v1/tasks/task_1", { ...TASK, status: "failed", run: "auto_1", payload: { topic: "salt lakes" }, result: null, slots: [slot], job: null }),
    http.post("*/v1/tasks/:id/replay", ({ params }) => {
      sent.push(params["id"]);
      return HttpResponse.json(TASK, { status: 202 });
    }),
  );
  renderConsole("/tasks/task_1");
  expect(await screen.findByText("3 of 8 jobs")).toBeVisible();
  expect(screen.getByRole("link", { name: "its production" })).toHaveAttribute("href", "/runs/run_1");
  await expectAccessible();
  await userEvent.keyboard("x");
  expect(await screen.findByText("The task is queued again.")).toBeVisible();
  expect(sent).toEqual(["task_1"]);
});

test("a finished script stands on sources or is one's own, and what is wrong is told before it is sent", async () => {
  const sent: unknown[] = [];
  server.use(
    get("/v1/tasks", { items: [], next: null }),
    http.post("*/v1/tasks", async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ ...TASK, what: "Salt" }, { status: 202 });
    }),
  );
  renderConsole("/tasks");
  await screen.findByText("No task");
  await userEvent.keyboard("3");
  await userEvent.type(await screen.findByLabelText("The script"), "# Salt");
  const ask = screen.getByRole("button", { name: "Ask for it" });
  await userEvent.type(screen.getByLabelText("Sources, one address a line"), "salt.html");
  expect(screen.getByText(/"salt.html" is no address/)).toBeVisible();
  expect(ask).toBeDisabled();
  await userEvent.click(screen.getByRole("switch", { name: /my own text/ }));
  await expectAccessible();
  await userEvent.click(ask);
  expect(await screen.findByText('"Salt" is queued.')).toBeVisible();
  expect(sent).toEqual([{ kind: "script", script: "# Salt", own_text: true, sources: [], priority: "normal", topic: null }]);
});

function serveEmpty(sent: unknown[], answer: () => Response = () => HttpResponse.json({ ...TASK, what: "it" }, { status: 202 })): void {
  server.use(
    get("/v1/tasks", { items: [], next: null }),
    http.post("*/v1/tasks", async ({ request }) => {
      sent.push(await request.json());
      return answer();
    }),
  );
}

test("a batch is taken whole or not at all, and each line that is wrong says why", async () => {
  serveEmpty([]);
  server.use(http.post("*/v1/tasks/batch", () => problem(422, "invalid", "tasks.1.channel: there is no channel", { errors: [{ field: "tasks.1.channel", message: "there is no channel 'pulse'" }] })));
  renderConsole("/tasks");
  const topics = await screen.findByLabelText("Topics, one a line");
  fireEvent.change(topics, { target: { value: "tides\nfog" } });
  await userEvent.click(screen.getByRole("button", { name: "Ask for them" }));
  expect(await screen.findByRole("alert")).toHaveTextContent(/None was taken.*Line 2, “fog”: channel: there is no channel 'pulse'/);
  expect(topics).toHaveValue("tides\nfog");
  fireEvent.change(topics, { target: { value: "tides" } });
  await waitFor(() => { expect(screen.queryByRole("alert")).toBeNull(); });
  expect(rowsOf(new Error("no"), ["tides"])).toEqual([]);
});

test("what is asked again and again is kept as a template of whoever keeps it", async () => {
  serveEmpty([]);
  renderConsole("/tasks");
  const topics = await screen.findByLabelText("Topics, one a line");
  fireEvent.change(topics, { target: { value: "tides" } });
  await userEvent.click(screen.getByRole("button", { name: "Keep as a template" }));
  await userEvent.type(screen.getByLabelText("Name of the template"), "Coast{Enter}");
  fireEvent.change(topics, { target: { value: "" } });
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: /^Coast/ }));
  expect(topics).toHaveValue("tides");
  fireEvent.click(screen.getByLabelText("Delete the template Coast"));
  expect(screen.queryByRole("button", { name: /^Coast/ })).toBeNull();
});

test("a finished film is handed in once its file is there and everything is said of it", async () => {
  const sent: unknown[] = [];
  serveEmpty(sent);
  const film = { id: `upload_${"1".repeat(32)}`, name: "film.mp4", media_type: "video/mp4", bytes: 9, digest: "a".repeat(64), created_at: "2026-11-29T08:00:00Z", width: 1280, height: 720, seconds: 12 };
  server.use(http.post("*/v1/films", () => HttpResponse.json(film, { status: 201 })));
  renderConsole("/tasks");
  await screen.findByText("No task");
  await userEvent.keyboard("4");
  expect(await screen.findByText(/Choose the channel/)).toBeVisible();
  act(() => { useUi.setState({ channel: "pulse" }); });
  const input = document.querySelector<HTMLInputElement>("input[type=file][accept*=mp4]");
  if (input === null) throw new Error("no place for the film");
  fireEvent.change(input, { target: { files: [new File(["film"], "film.mp4")] } });
  expect(await screen.findByText("film.mp4, 12 s, 1280 × 720")).toBeVisible();
  for (const [label, value] of [["Or why there are no captions", "nobody speaks"], ["Title", "Salt"], ["Description", "A lake."]] as const) fireEvent.change(screen.getByLabelText(label), { target: { value } });
  expect(screen.getByText("Say whether it is synthetic.")).toBeVisible();
  fireEvent.mouseDown(screen.getByRole("combobox", { name: /Generated or altered/ }));
  fireEvent.click(await screen.findByRole("option", { name: "No" }));
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Hand it in" }));
  await waitFor(() => { expect(sent).toMatchObject([{ kind: "ready", channel: "pulse", film: film.id, no_captions: "nobody speaks", title: "Salt", rights: "own", synthetic: false }]); });
});

test("one agent or tool is asked with what its schema says that it takes", async () => {
  const takes = { properties: { topic: { type: "string" }, sources: { type: "array" } }, required: ["topic"] };
  expect([fieldsOf(takes), beginningOf(takes), objectOf("[]"), objectOf("{")]).toEqual(["It takes topic*, sources (* is needed).", '{\n  "topic": ""\n}', null, null]);
  const sent: unknown[] = [];
  serveEmpty(sent);
  server.use(get("/v1/tools", { items: [{ name: "collect_trends", queue: "io", timeout_s: 60, args: takes }] }));
  renderConsole("/tasks");
  await screen.findByText("No task");
  await userEvent.keyboard("6");
  fireEvent.mouseDown(await screen.findByRole("combobox", { name: "Which tool" }));
  fireEvent.click(await screen.findByRole("option", { name: "collect trends" }));
  const args = screen.getByLabelText("Its arguments, as JSON");
  fireEvent.change(args, { target: { value: "{" } });
  expect(screen.getByText("This is no JSON object yet")).toBeVisible();
  fireEvent.change(args, { target: { value: '{"topic": "salt"}' } });
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Ask for it" }));
  await waitFor(() => { expect(sent).toEqual([{ kind: "tool", tool: "collect_trends", args: { topic: "salt" }, priority: "normal" }]); });
});
