import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";

import { expectAccessible, renderConsole } from "@/test/render-console";
import { server, SIGNED } from "@/test/service";

test("a new password by a link revokes tokens of programs unless they are to stay good", async () => {
  const sent: unknown[] = [];
  server.use(http.post("*/v1/auth/link", async ({ request }) => { sent.push(await request.json()); return HttpResponse.json(SIGNED); }));
  const { router } = renderConsole("/welcome#its-secret");
  await userEvent.type(await screen.findByLabelText(/^New password/), "four quiet harbours");
  const keeps = screen.getByRole("checkbox", { name: /Let my programs' tokens stay good/ });
  expect(keeps).not.toBeChecked();
  await userEvent.click(keeps);
  await expectAccessible();
  await userEvent.click(screen.getByRole("button", { name: "Go on" }));
  await waitFor(() => { expect(router.state.location.pathname).toBe("/"); });
  expect(sent).toEqual([{ secret: "its-secret", password: "four quiet harbours", keep_tokens: true }]);
});
