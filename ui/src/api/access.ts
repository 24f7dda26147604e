import { offline, Problem } from "./problem";
import type { SignedInView, UserView } from "./schema";

type Heard = (user: UserView | null) => void;

/** Renew before the token ends, so that no request is refused only to be sent again. */
const EARLY_MS = 30_000;
const ONE_AT_A_TIME = "ytempire-refresh";

let token: string | null = null;
let endsAt = 0;
let renewing: Promise<string | null> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<Heard>();

/** Be told who is signed in, whenever that changes: a user, or nobody. */
export function onAccess(heard: Heard): () => void {
  listeners.add(heard);
  return () => listeners.delete(heard);
}

/** The access token is for the memory of this page, and nowhere else. */
export function admit(signed: SignedInView): void {
  carry(signed.access_token, signed.expires_in);
  for (const heard of listeners) heard(signed.user);
}

/** Go on with another token of the same session. */
export function carry(next: string, expiresInS: number): void {
  token = next;
  endsAt = Date.now() + expiresInS * 1000;
  renewInTime(expiresInS * 1000 - 2 * EARLY_MS);
}

export function forgetAccess(): void {
  token = null;
  endsAt = 0;
  clearTimeout(timer);
  for (const heard of listeners) heard(null);
}

/** The token that requests carry: renewed when it is about to end, null when nobody is signed in. */
export async function currentToken(): Promise<string | null> {
  if (token !== null && Date.now() > endsAt - EARLY_MS) return renew();
  return token;
}

/** Turn the refresh cookie into a new token, once for everybody who asks meanwhile; null when the session is over. Throws when the service does not answer. */
export function renew(): Promise<string | null> {
  renewing ??= oneAtATime(askForNext).finally(() => {
    renewing = null;
  });
  return renewing;
}

/** Films are asked for by the browser itself, with a cookie that lives as long as the token: while somebody looks, neither ends. */
function renewInTime(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (document.visibilityState === "visible") renew().catch(() => { renewInTime(EARLY_MS); });
  }, ms);
}

async function askForNext(): Promise<string | null> {
  let answer: Response;
  try {
    answer = await fetch("/v1/auth/refresh", { method: "POST", credentials: "same-origin" });
  } catch {
    throw offline();
  }
  if (answer.status === 401 || answer.status === 403) {
    forgetAccess();
    return null;
  }
  const told = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (!answer.ok) throw new Problem(answer.status, told, "The session could not be renewed.");
  admit(told as unknown as SignedInView);
  return token;
}

/** Tabs share the cookie: where the browser can, they take turns, so that none presents one that another has just used. */
async function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const locks = (navigator as Partial<Navigator>).locks;
  return locks ? await locks.request(ONE_AT_A_TIME, work) : await work();
}
