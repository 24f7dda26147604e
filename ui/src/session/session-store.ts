import { create } from "zustand";

import { forgetAccess, onAccess, renew } from "@/api/access";
import { answerOf, api } from "@/api/client";
import type { Me, UserView } from "@/api/schema";

import { useUi } from "./ui-store";

export type Standing = "unknown" | "in" | "out" | "unreachable";

interface Session {
  standing: Standing;
  user: UserView | null;
  permissions: ReadonlySet<string>;
  /** Who was signed in here before the session ended by itself: the sign-in says so. */
  ended: boolean;
  may: (permission: string) => boolean;
}

export const useSession = create<Session>()((_, get) => ({
  standing: "unknown",
  user: null,
  permissions: new Set(),
  ended: false,
  may: (permission) => get().permissions.has(permission),
}));

const others = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("ytempire-session");

let entering: Promise<void> | null = null;
let beginning: Promise<void> | null = null;

onAccess((user) => {
  const before = useSession.getState();
  if (user === null) useSession.setState({ standing: "out", user: null, permissions: new Set(), ended: before.standing === "in" });
  else if (before.user?.id !== user.id || before.user.role !== user.role || before.standing !== "in" || before.permissions.size === 0) entering = enter(user);
});

others?.addEventListener("message", (event: MessageEvent<unknown>) => {
  if (event.data === "signed-out") forgetAccess();
  if (event.data === "signed-in" && useSession.getState().standing === "out") void begin();
});

async function enter(user: UserView): Promise<void> {
  const me: Me = await answerOf(api.GET("/v1/me")).catch(() => ({ user, tenant: "", via: "session", permissions: [] }));
  if (me.tenant) useUi.getState().set({ studio: me.tenant });
  useSession.setState({ standing: "in", user: me.user, permissions: new Set(me.permissions), ended: false });
}

/** Find out whether the refresh cookie still speaks for somebody: once for everybody who asks meanwhile. */
export function begin(): Promise<void> {
  beginning ??= askWhoIsThere().finally(() => { beginning = null; });
  return beginning;
}

async function askWhoIsThere(): Promise<void> {
  try {
    await renew();
    await entering;
  } catch {
    if (useSession.getState().standing === "unknown") useSession.setState({ standing: "unreachable" });
  }
}

/** Tell other tabs that somebody came in. */
export function announceSignIn(): void {
  others?.postMessage("signed-in");
}

export async function signOut(): Promise<void> {
  await answerOf(api.POST("/v1/auth/logout")).catch(() => undefined);
  others?.postMessage("signed-out");
  forgetAccess();
  useSession.setState({ ended: false });
}
