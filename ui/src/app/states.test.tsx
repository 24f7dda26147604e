import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { ADA, get, ME, problem, server, SIGNED } from "@/test/service";

const PLAYER = {
  title: "Salt", description: "", language: "en", provenance: "demo", duration_s: 20, width: 1920, height: 1080, fps: 30, captions: [], thumbnail: null, chapters: [],
  video: { kind: "video", digest: "d", media_type: "video/mp4", name: "Salt.mp4", url: "/v1/videos/video_1/files/d", kept: true }, scenes: [], sentences: [],
};
const VIDEO = {
  id: "video_1", channel: "pulse", topic: "salt", title: "Salt", format: "landscape", seconds: 20, provenance: "demo", status: "published", run: null, approval: null, publish_at: null, published_at: "2026-11-29T08:00:00Z",
  publisher: "local_library", url: null, reasons: [], created_at: "2026-11-29T07:00:00Z", words: "it can be seen", waits_for: null, publication: null, why_fixed: "",
};

function endSession(): void {
  server.use(http.all("*/v1/*", () => problem(401, "unauthenticated", "the session is over")), http.post("*/v1/auth/refresh", () => problem(401, "unauthenticated", "the session is over")));
}

/** The page is looked at again: what is old is read again. */
function lookAgain(): void {
  window.dispatchEvent(new Event("visibilitychange"));
}

test("a session that ends under an open page leads to the sign-in, and back to where it was", async () => {
  const { router } = renderConsole("/incidents");
  await screen.findByText("No open incident");
  endSession();
  lookAgain();
  expect(await screen.findByText(/Your session is over/)).toBeVisible();
  server.resetHandlers();
  server.use(http.post("*/v1/auth/login", () => HttpResponse.json(SIGNED)));
  await userEvent.type(screen.getByLabelText(/Your address/), ADA.email);
  await userEvent.type(screen.getByLabelText(/^Password/), "three quiet harbours{Enter}");
  expect(await screen.findByText("No open incident")).toBeVisible();
  expect(router.state.location.pathname).toBe("/incidents");
});

test("who signs out in another tab is out of this one", async () => {
  renderConsole("/incidents");
  await screen.findByText("No open incident");
  const other = new BroadcastChannel("ytempire-session");
  other.postMessage("signed-out");
  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
  other.close();
});

test("what was read stays while the service is away, dimmed and with its age", async () => {
  server.use(get("/v1/videos/:id", VIDEO), get("/v1/videos/:id/files", { items: [] }), http.get("*/v1/videos/:id/:part", () => problem(404, "artifact_unknown", "not yet")));
  renderConsole("/videos/video_1");
  await userEvent.click(await screen.findByRole("button", { name: "Pull back" }));
  await userEvent.type(await screen.findByLabelText(/^Why/), "a wrong figure");
  server.use(http.all("*/v1/*", () => HttpResponse.error()));
  lookAgain();
  await waitFor(() => { expect(screen.getAllByText(/The service does not answer; what you see was read/)[0]).toBeVisible(); });
  // What was begun is not lost by that.
  expect(screen.getByLabelText(/^Why/)).toHaveValue("a wrong figure");
  await expectAccessible();
});

test("a film whose file is gone says so, and what to do", async () => {
  server.use(get("/v1/videos/:id", VIDEO), get("/v1/videos/:id/player", PLAYER), get("/v1/videos/:id/files", { items: [] }), http.get("*/v1/videos/:id/script", () => problem(404, "artifact_unknown", "not yet")));
  renderConsole("/videos/video_1");
  fireEvent.error(await screen.findByLabelText("Film: Salt"));
  expect(await screen.findByText("The film's file cannot be read")).toBeVisible();
  await expectAccessible();
});

test("an empty studio begins with its first channel, and says who makes one to whoever may not", async () => {
  server.use(get("/v1/channels", { items: [], next: null }));
  const { router, unmount } = renderConsole("/");
  await waitFor(() => { expect(router.state.location.pathname).toBe("/first-run"); });
  unmount();
  server.use(get("/v1/me", { ...ME, permissions: ME.permissions.filter((one) => one !== "channels:create") }));
  renderConsole("/first-run");
  expect(await screen.findByText(/Only an admin makes channels/)).toBeVisible();
});
