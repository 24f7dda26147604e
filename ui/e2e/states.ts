import { rmSync } from "node:fs";
import { join } from "node:path";

import type { Page, WebSocketRoute } from "playwright-core";

import { openTab, OUT, picture, settled, walk } from "./browser";
import { BRIEF, CHANNEL, EMAIL, eventually, isLive, MADE_WITHIN_MS, PASSWORD, press, signIn, type Stage } from "./stage";
import { GOOD_SHIFT, watchAnew, worstBurst } from "./watched";

// Another one each time, where the same stack is driven again.
const VIEWER = `vera-${String(process.pid)}@example.org`;
/** What takes long, or is looked at rather than tried. */
const whole = test.skipIf(BRIEF);

/** What may go wrong around the page, each done for real to a page that is open. */
export function everyState(stage: () => Stage): void {
  whole("somebody else decides first: the page says who, in its place", async () => {
    const page = await stage().home();
    const studio = await stage().studio();
    // Another voice: a second short film of the same channel would be too like the first.
    const other = await studio.makesChannel("deep-orbit");
    await eventually(MADE_WITHIN_MS, "another video to be taken", () => studio.makes(other, "Voyager"));
    await eventually(MADE_WITHIN_MS, "another approval", async () => (await studio.approvals()).length > 0);
    const [id = ""] = await studio.approvals();
    await walk(page, `/approvals/${id}`);
    await page.getByRole("complementary", { name: "Decision" }).waitFor();
    await press(page, "a");
    await page.getByRole("button", { name: /Undo/ }).waitFor();
    expect(await studio.ignores(id)).toBe(true);
    await walk(page, `/approvals/${id}`);
    await page.getByText(/It was decided elsewhere first: ignored by you/).waitFor();
    await picture(page, "state-409");
  });

  whole("a slow service: the layout is there before what it holds", async () => {
    const page = await stage().home();
    for (const [path, title, name] of [["/tasks", "Tasks", "state-slow"], ["/", "Home", "state-slow-home"]] as const) {
      let goOn: () => void = () => undefined;
      const held = new Promise<void>((done) => { goOn = done; });
      await page.route(/\/v1\/(?!auth|me)/, async (route) => {
        await held;
        await route.continue().catch(() => undefined);
      });
      await page.goto(`${stage().stack.address}${path}`);
      await page.getByRole("heading", { name: title, level: 1 }).waitFor();
      await page.getByRole("status", { name: "Loading" }).first().waitFor();
      await picture(page, name, () => Promise.resolve());
      await watchAnew(page);
      goOn();
      await settled(page);
      const burst = await worstBurst(page);
      expect.soft(burst.value, `what moved on ${path} once it was answered: ${burst.moved.join(", ")}`).toBeLessThan(GOOD_SHIFT);
      await page.unrouteAll({ behavior: "ignoreErrors" });
    }
  });

  whole("what a role may not see says who may", async () => {
    const { browser, stack } = stage();
    const made = await (await stage().studio()).lets(VIEWER, "viewer");
    const { page, context, complaints } = await openTab(browser);
    await page.goto(`${stack.address}/welcome#${made.secret}`);
    await page.getByRole("textbox", { name: "New password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByRole("navigation", { name: "Places" }).waitFor();
    await picture(page, "viewer-home");
    await walk(page, "/system/audit");
    await page.getByText("An admin reads the trail").waitFor();
    await picture(page, "state-403");
    await (await stage().studio()).sendsAway(made.user.id);
    await walk(page, "/videos");
    await page.getByText(/Your session is over/).waitFor();
    await picture(page, "state-session-over");
    await signIn(page, VIEWER, PASSWORD);
    await page.getByRole("heading", { name: "Videos" }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("two tabs: who signs out of one is out of the other, and comes back in both", async () => {
    const { browser, stack } = stage();
    const one = await openTab(browser);
    await one.page.goto(`${stack.address}/`);
    await signIn(one.page, EMAIL, PASSWORD);
    const other = await openTab(one.context);
    await other.page.goto(`${stack.address}/runs`);
    await other.page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
    await one.page.getByRole("button", { name: "Your account" }).click();
    await one.page.getByRole("menuitem", { name: "Sign out" }).click();
    await other.page.getByRole("heading", { name: "Sign in" }).waitFor();
    await signIn(one.page, EMAIL, PASSWORD);
    await other.page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
    await one.context.close();
  });

  test("a socket that broke is taken up behind the last thing that was heard", async () => {
    const { browser, stack } = stage();
    const { page, context } = await openTab(browser);
    const { cut, asked } = await throughUs(page);
    await page.goto(`${stack.address}/`);
    await signIn(page, EMAIL, PASSWORD);
    await isLive(page);
    await walk(page, `/channels/${CHANNEL}`);
    await page.getByRole("heading", { name: "Pulse", level: 1 }).waitFor();
    await cut();
    await (await stage().studio()).pauses(CHANNEL, true);
    await page.getByText(/to see who notices/).waitFor();
    await isLive(page);
    expect(asked.at(-1)).toMatchObject({ type: "subscribe", after: expect.any(Number) as number });
    await (await stage().studio()).pauses(CHANNEL, false);
    await page.getByText(/to see who notices/).waitFor({ state: "detached" });
    await context.close();
  });

  whole("a film whose file is gone says so, and what to do", async () => {
    const { browser, stack } = stage();
    const studio = await stage().studio();
    const [video] = [...(await studio.videos("pulled_back")), ...(await studio.videos("published"))];
    const film = await studio.filmOf(video?.id ?? "");
    expect(film).toMatch(/^[0-9a-f]{64}$/);
    rmSync(join(stack.home, "media", film.slice(0, 2), film));
    // In a browser that has not seen it yet.
    const { page, context } = await openTab(browser);
    await page.goto(`${stack.address}/videos/${video?.id ?? ""}`);
    await signIn(page, EMAIL, PASSWORD);
    await page.getByText("The film's file cannot be read").waitFor();
    await picture(page, "state-film-gone");
    await context.close();
  });

  test("a service that is killed under an open page is told of, and the page goes on when it is back", async () => {
    const { ada, stack } = stage();
    const page = await stage().home();
    await walk(page, "/");
    await isLive(page);
    stack.killServer();
    await page.getByRole("status").filter({ hasText: /^(Reconnecting|Polling)/ }).waitFor();
    await page.screenshot({ path: join(OUT, "state-reconnecting.png") });
    await isLive(page);
    expect(ada.complaints).toEqual([]);
  });
}

/** The page's socket goes through this test: it hears what the page asks for, and can cut it. */
async function throughUs(page: Page): Promise<{ cut: () => Promise<void>; asked: { type: string }[] }> {
  const asked: { type: string }[] = [];
  let last: WebSocketRoute | undefined;
  await page.routeWebSocket("**/ws", (socket) => {
    last = socket;
    const service = socket.connectToServer();
    socket.onMessage((told) => {
      asked.push(JSON.parse(String(told)) as { type: string });
      service.send(told);
    });
    service.onMessage((told) => { socket.send(told); });
  });
  return { asked, cut: async () => { await last?.close({ code: 4_000, reason: "cut" }); } };
}
