import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { answerOf, api } from "@/api/client";
import { useSession } from "@/session/session-store";

import { watchDue } from "./due";
import { Invalidation } from "./invalidation";
import { LiveSocket } from "./live-socket";
import { useLive } from "./live-store";

async function ticket(): Promise<string> {
  return (await answerOf(api.POST("/v1/me/socket-tickets"))).ticket;
}

function open(): WebSocket {
  return new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`);
}

/** Holds the socket while somebody is signed in who may watch, and keeps an eye on what time alone changes; use it once, in the frame. */
export function useLiveConnection(): void {
  const queries = useQueryClient();
  const watching = useSession((session) => session.standing === "in" && session.permissions.has("live:read"));
  useEffect(() => watchDue(queries), [queries]);
  useEffect(() => {
    if (!watching) return undefined;
    const invalidation = new Invalidation(queries);
    const socket = new LiveSocket({
      ticket,
      open,
      onState: (state) => { useLive.setState({ state }); },
      onHeard: () => { useLive.setState({ heardAt: Date.now() }); },
      onEvent: (event) => { invalidation.onEvent(event); },
      onResync: () => { invalidation.onResync(); },
    });
    const nudge = () => {
      if (document.visibilityState === "visible") socket.nudge();
    };
    socket.start();
    window.addEventListener("online", nudge);
    document.addEventListener("visibilitychange", nudge);
    return () => {
      window.removeEventListener("online", nudge);
      document.removeEventListener("visibilitychange", nudge);
      socket.stop();
    };
  }, [queries, watching]);
}
