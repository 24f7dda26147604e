import createClient from "openapi-fetch";

import type { paths } from "@/api/schema";

const EVERY_MS = 1_000;
const SERVED_WITHIN_MS = 120_000;

/** What the studio does beside the page: begins what the page is to be told of, over the same API. */
export class Studio {
  private constructor(private readonly api: ReturnType<typeof createClient<paths>>) {}

  static async signIn(address: string, email: string, password: string): Promise<Studio> {
    const api = createClient<paths>({ baseUrl: address });
    const { data } = await api.POST("/v1/auth/login", { body: { email, password } });
    if (data === undefined) throw new Error("nobody could sign in");
    api.use({
      onRequest: ({ request }) => {
        request.headers.set("authorization", `Bearer ${data.access_token}`);
        return request;
      },
    });
    return new Studio(api);
  }

  /** Begin a short video; right after the start workers may not be there yet. */
  async startRun(channel: string): Promise<void> {
    await eventually(SERVED_WITHIN_MS, `a run of ${channel} to be taken`, async () => {
      const { response } = await this.api.POST("/v1/runs", { body: { channel, seconds: 20, sources: [], privacy: "public", late: "publish", seed: 7 } });
      return response.status === 202;
    });
  }

  async until(status: "published", withinMs: number): Promise<void> {
    await eventually(withinMs, `a video to be ${status}`, async () => {
      const { data } = await this.api.GET("/v1/videos", { params: { query: { status: [status] } } });
      return (data?.items.length ?? 0) > 0;
    });
  }
}

async function eventually(withinMs: number, what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${String(withinMs / 1000)} s for ${what}`);
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
}
