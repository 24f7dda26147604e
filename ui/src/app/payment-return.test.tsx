import { screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";

import { renderConsole } from "@/test/render-console";
import { get, server } from "@/test/service";

import { asking } from "./use-payment-return";

const LEAST = { id: "free", name: "Free", channels: 1, videos_per_month: 10, autonomy_hours_per_month: 24, for_sale: false };
const LARGER = { id: "studio", name: "Studio", channels: 10, videos_per_month: 1000, autonomy_hours_per_month: null, for_sale: true };
const BEFORE = { plan: LEAST, usage: { channels: 1, videos: 0, autonomy_hours: 0 }, status: null, grace_until: null, period_ends_at: null, ends: false, plans: [LEAST, LARGER] };

beforeEach(() => { asking.everyMs = 1; });

test("whoever comes back from paying is told what the plan allows, once Stripe has said that it is paid", async () => {
  let asked = 0;
  server.use(http.get("*/v1/payments", () => HttpResponse.json(++asked < 3 ? BEFORE : { ...BEFORE, plan: LARGER, status: "active" })));
  const { router } = renderConsole("/?payment=done");
  expect(await screen.findByText("It is paid: your plan is Studio now, with 10 channels, 1,000 videos and autonomous hours without limit a month.")).toBeVisible();
  expect(asked).toBe(3);
  await waitFor(() => { expect(router.state.location.search).toBe(""); });
});

test.each([
  ["done", "Stripe has not said yet that it is paid. Your plan counts as soon as it does; until then it is Free."],
  ["left", "Nothing was paid: your plan stays Free."],
])("whoever comes back with %s before anything is paid is told so", async (came, words) => {
  server.use(get("/v1/payments", BEFORE));
  renderConsole(`/?payment=${came}`);
  expect(await screen.findByText(words)).toBeVisible();
  expect(screen.getByRole("button", { name: "Billing" })).toBeVisible();
});
