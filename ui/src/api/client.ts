import createClient from "openapi-fetch";

import { currentToken, renew } from "./access";
import { passwordShown, passwordWanted } from "./confirming";
import { offline, Problem } from "./problem";
import type { paths } from "./schema";

const WITHOUT_TOKEN = "/v1/auth/";

/** Send a request as whoever is signed in; a token that ended meanwhile is renewed once, and a password that is wanted is asked for once. */
async function asSignedIn(request: Request): Promise<Response> {
  if (new URL(request.url).pathname.startsWith(WITHOUT_TOKEN)) return send(request);
  const answer = await withRenewal(request);
  const minutes = await passwordWanted(answer);
  return minutes !== null && (await passwordShown(minutes)) ? withRenewal(request) : answer;
}

async function withRenewal(request: Request): Promise<Response> {
  const answer = await send(carrying(request.clone(), await currentToken()));
  if (answer.status !== 401) return answer;
  const renewed = await renew();
  return renewed === null ? answer : send(carrying(request.clone(), renewed));
}

function carrying(request: Request, token: string | null): Request {
  if (token !== null) request.headers.set("authorization", `Bearer ${token}`);
  return request;
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw offline();
  }
}

export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "", credentials: "same-origin", fetch: asSignedIn });

interface Told<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What the service answered; throws a Problem. */
export async function answerOf<T>(call: Promise<Told<T>>): Promise<T> {
  return (await versionedOf(call)).body;
}

export interface Versioned<T> {
  body: T;
  /** For `If-Match` of the edit that is based on it. */
  etag: string;
}

/** The same with the version, for what is to be edited. */
export async function versionedOf<T>(call: Promise<Told<T>>): Promise<Versioned<T>> {
  const { data, error, response } = await call;
  if (!response.ok) {
    const told = typeof error === "object" && error !== null ? (error as Record<string, unknown>) : {};
    throw new Problem(response.status, told, `The service answered ${String(response.status)}.`);
  }
  return { body: data as T, etag: response.headers.get("etag") ?? "" };
}

/** A key under which a POST has its effect once, however often it is sent. Make it when the person decides, not when the request is sent. */
export function onceKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
