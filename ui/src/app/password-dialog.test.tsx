import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { answerOf, api } from "@/api/client";
import { asProblem } from "@/api/problem";
import { expectAccessible, renderConsole } from "@/test/render-console";
import { problem, server } from "@/test/service";

const TURN = { body: { scope: "all", reason: "it is over" }, params: { header: { "idempotency-key": "k" } } };

/** A grave act that wants the password, until the token says that it was shown. */
function serveGraveAct(): string[] {
  const tried: string[] = [];
  server.use(
    http.post("*/v1/switches/release", async ({ request }) => {
      tried.push(`${request.headers.get("authorization") ?? ""} ${((await request.json()) as { reason: string }).reason}`);
      return tried.at(-1)?.startsWith("Bearer confirmed") ? HttpResponse.json({ items: [] }) : problem(403, "confirmation_needed", "this needs your password", { confirm_at: "/v1/me/confirm", within_minutes: 10 });
    }),
    http.post("*/v1/me/confirm", async ({ request }) =>
      ((await request.json()) as { password: string }).password === "three quiet harbours"
        ? HttpResponse.json({ access_token: "confirmed", token_type: "Bearer", expires_in: 600, confirmed_until: "2026-11-29T10:00:00Z" })
        : problem(403, "password_wrong", "password: it is not that of your account")),
  );
  return tried;
}

test("a grave act asks for the password once, goes on by itself, and says what was wrong with it", async () => {
  const tried = serveGraveAct();
  renderConsole("/");
  await screen.findByRole("heading", { name: "Home", level: 1 });
  const both = Promise.all([answerOf(api.POST("/v1/switches/release", TURN)), answerOf(api.POST("/v1/switches/release", TURN))]);
  const dialog = await screen.findByRole("dialog", { name: "Your password, once more" });
  expect(dialog).toHaveTextContent("10 minutes");
  await userEvent.type(within(dialog).getByLabelText("Password"), "wrong{Enter}");
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("not that of your account");
  expect(within(dialog).getByLabelText("Password")).toHaveValue("");
  await expectAccessible(dialog);
  await userEvent.type(within(dialog).getByLabelText("Password"), "three quiet harbours{Enter}");
  expect(await both).toEqual([{ items: [] }, { items: [] }]);
  expect(tried.filter((one) => one === "Bearer confirmed it is over")).toHaveLength(2);
  await waitFor(() => { expect(screen.queryByRole("dialog")).toBeNull(); });
});

test("an act that is left is refused as it was", async () => {
  serveGraveAct();
  renderConsole("/");
  await screen.findByRole("heading", { name: "Home", level: 1 });
  const act = answerOf(api.POST("/v1/switches/release", TURN)).catch((error: unknown) => asProblem(error).code);
  await userEvent.click(await screen.findByRole("button", { name: "Leave it" }));
  expect(await act).toBe("confirmation_needed");
});
