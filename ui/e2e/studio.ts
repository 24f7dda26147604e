import createClient from "openapi-fetch";

import type { paths, UserMade, VideoRow } from "@/api/schema";

/** What somebody does beside the page, over the same API: what the page is to be told of. */
export class Studio {
  private constructor(private readonly api: ReturnType<typeof createClient<paths>>) {}

  static async signIn(address: string, email: string, password: string): Promise<Studio> {
    const api = createClient<paths>({ baseUrl: address });
    const { data } = await api.POST("/v1/auth/login", { body: { email, password } });
    if (data === undefined) throw new Error("nobody could sign in");
    let { access_token: token } = data;
    const ends = Date.now() + (data.expires_in - 60) * 1000;
    api.use({
      onRequest: async ({ request, schemaPath }) => {
        // What it shows takes longer than a token lasts.
        if (Date.now() > ends && !schemaPath.startsWith("/v1/auth/")) token = (await api.POST("/v1/auth/login", { body: { email, password } })).data?.access_token ?? token;
        request.headers.set("authorization", `Bearer ${token}`);
        return request;
      },
    });
    return new Studio(api);
  }

  /** Begin a short video at once; false while workers are not there yet. */
  async makes(channel: string, topic: string): Promise<boolean> {
    const { response } = await this.api.POST("/v1/runs", { body: { channel, topic, seconds: 20, sources: [], privacy: "public", late: "publish", seed: 7 } });
    return response.status === 202;
  }

  async videos(status?: VideoRow["status"]): Promise<readonly VideoRow[]> {
    return (await this.api.GET("/v1/videos", { params: { query: status === undefined ? {} : { status: [status] } } })).data?.items ?? [];
  }

  async approvals(): Promise<readonly string[]> {
    return (await this.api.GET("/v1/approvals", { params: { query: { status: "pending" } } })).data?.items.map((one) => one.id) ?? [];
  }

  /** Say no to something, as a colleague would. */
  async ignores(id: string): Promise<boolean> {
    const { data } = await this.api.GET("/v1/approvals/{approval_id}", { params: { path: { approval_id: id } } });
    if (data === undefined) return false;
    return (await this.api.POST("/v1/approvals/{approval_id}/decision", { params: { path: { approval_id: id } }, body: { type: "ignore", manifest: data.manifest } })).response.ok;
  }

  /** What died on the way, in words: everything that is listed. */
  async deadLetters(): Promise<readonly string[]> {
    return (await this.api.GET("/v1/dead-letters")).data?.items.map((one) => `${one.tool} of ${one.run}: ${JSON.stringify(one.error)}`) ?? [];
  }

  /** The digest of a video's film. */
  async filmOf(video: string): Promise<string> {
    return (await this.api.GET("/v1/videos/{video_id}/player", { params: { path: { video_id: video } } })).data?.video.digest ?? "";
  }

  async lets(email: string, role: "viewer" | "operator"): Promise<UserMade> {
    const { data } = await this.api.POST("/v1/users", { body: { email, name: "", role } });
    if (data === undefined) throw new Error(`${email} could not be let in`);
    return data;
  }

  /** End every session of somebody. */
  async sendsAway(user: string): Promise<void> {
    await this.api.DELETE("/v1/users/{user_id}/sessions", { params: { path: { user_id: user } } });
  }

  async pauses(channel: string, paused: boolean): Promise<void> {
    const params = { path: { channel_id: channel } };
    const { response } = await this.api.GET("/v1/channels/{channel_id}", { params });
    await this.api.PATCH("/v1/channels/{channel_id}", { params: { ...params, header: { "if-match": response.headers.get("etag") ?? "" } }, body: paused ? { paused, reason: "to see who notices" } : { paused } });
  }

  async makesChannel(personality: string): Promise<string> {
    const { data } = await this.api.POST("/v1/channels", { body: { personality, autonomy: "review", budget_day_usd: 3 } });
    return data?.id ?? personality;
  }

  /** Addresses of pages that the studio has by now, one of each kind, by name. */
  async pages(): Promise<readonly (readonly [string, string])[]> {
    const query = { params: { query: { limit: 1 } } };
    const topics = this.api.GET("/v1/trends").then(({ data }) => ({ data: { items: data?.topics.map((one) => ({ id: one.topic_id })) ?? [] } }));
    const found = await Promise.all([
      pageOf("video", "/videos", this.api.GET("/v1/videos", query)),
      pageOf("run", "/runs", this.api.GET("/v1/runs", query)),
      pageOf("autonomous-run", "/runs/autonomous", this.api.GET("/v1/autonomous-runs", query)),
      pageOf("task", "/tasks", this.api.GET("/v1/tasks", query)),
      pageOf("incident", "/incidents", this.api.GET("/v1/incidents", query)),
      pageOf("topic", "/trends", topics),
    ]);
    return found.flat();
  }
}

async function pageOf(name: string, place: string, asked: Promise<{ data?: { items: readonly { id: string }[] } }>): Promise<readonly (readonly [string, string])[]> {
  const id = (await asked).data?.items[0]?.id;
  return id === undefined ? [] : [[name, `${place}/${id}`]];
}
