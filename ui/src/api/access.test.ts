import { http, HttpResponse } from "msw";

import { problem, server, SIGNED } from "@/test/service";

import { admit, currentToken, forgetAccess, onAccess, renew } from "./access";
import { answerOf, api } from "./client";
import { Problem } from "./problem";

afterEach(() => { forgetAccess(); });

test("many requests with an ended token renew it once and are each sent again", async () => {
  admit({ ...SIGNED, access_token: "ended" });
  let renewals = 0;
  server.use(
    http.post("*/v1/auth/refresh", () => {
      renewals += 1;
      return HttpResponse.json({ ...SIGNED, access_token: "fresh" });
    }),
    http.get("*/v1/channels", ({ request }) => (request.headers.get("authorization") === "Bearer fresh" ? HttpResponse.json({ items: [], next: null }) : problem(401, "unauthenticated", "the token ended"))),
  );
  const answers = await Promise.all(Array.from({ length: 5 }, () => answerOf(api.GET("/v1/channels"))));
  expect(answers).toHaveLength(5);
  expect(renewals).toBe(1);
});

test("the body of a change survives being sent twice, with its key and its version", async () => {
  admit({ ...SIGNED, access_token: "ended" });
  const seen: unknown[] = [];
  server.use(
    http.post("*/v1/auth/refresh", () => HttpResponse.json({ ...SIGNED, access_token: "fresh" })),
    http.post("*/v1/tasks", async ({ request }) => {
      seen.push([await request.json(), request.headers.get("idempotency-key")]);
      return request.headers.get("authorization") === "Bearer fresh" ? HttpResponse.json({ id: "task_1" }, { status: 201 }) : problem(401, "unauthenticated", "ended");
    }),
  );
  await answerOf(api.POST("/v1/tasks", { body: { kind: "topic", topic: "salt lakes", priority: "normal" }, params: { header: { "idempotency-key": "key-1" } } }));
  expect(seen).toEqual([[{ kind: "topic", topic: "salt lakes", priority: "normal" }, "key-1"], [{ kind: "topic", topic: "salt lakes", priority: "normal" }, "key-1"]]);
});

test("a session that is over is told once, and nobody is signed in", async () => {
  admit(SIGNED);
  const heard: (string | null)[] = [];
  const stop = onAccess((user) => heard.push(user?.id ?? null));
  server.use(http.post("*/v1/auth/refresh", () => problem(401, "unauthenticated", "the session is over")));
  expect(await renew()).toBeNull();
  expect(heard).toEqual([null]);
  expect(await currentToken()).toBeNull();
  stop();
});

test("a service that is away ends no session", async () => {
  admit(SIGNED);
  server.use(http.post("*/v1/auth/refresh", () => problem(503, "unavailable", "restarting")));
  await expect(renew()).rejects.toMatchObject({ status: 503, retryable: true });
  expect(await currentToken()).toBe("token-1");
});

test("a refusal is a problem with its fields", async () => {
  server.use(http.post("*/v1/channels", () => problem(422, "invalid", "body.personality: no such", { errors: [{ field: "body.personality", message: "no such" }] })));
  const refused = await answerOf(api.POST("/v1/channels", { body: { personality: "x", autonomy: "review" } })).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Problem);
  expect(refused).toMatchObject({ status: 422, code: "invalid", requestId: "req_1" });
  expect((refused as Problem).of("personality")).toBe("no such");
});

test("no answer at all is told as such", async () => {
  server.use(http.get("*/v1/channels", () => HttpResponse.error()));
  await expect(answerOf(api.GET("/v1/channels"))).rejects.toMatchObject({ status: 0, code: "offline", retryable: true });
});
