import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router-dom";

import { answerOf, api, onceKey, versionedOf } from "@/api/client";
import { channelsQuery } from "@/api/queries";
import type { ChannelView } from "@/api/schema";
import type { IconName } from "@/parts/icon";
import { toast, toastProblem } from "@/parts/toasts";
import { useSession } from "@/session/session-store";
import { useUi } from "@/session/ui-store";

import { SCREENS } from "./screens";

export interface Command {
  id: string;
  label: string;
  icon: IconName;
  hint?: string;
  run: () => void;
}

const LEAST_TOPIC = 3;

/** What can be done, as far as it fits the words; a topic that is none of it can be injected. */
export function useCommands(text: string): readonly Command[] {
  const navigate = useNavigate();
  const may = useSession((session) => session.permissions);
  const { channel, set } = useUi();
  const inject = useInject(channel);
  const pause = usePause();
  const { data } = useQuery(channelsQuery);
  const channels = data?.items ?? [];
  const all: Command[] = [
    ...SCREENS.filter((one) => may.has(one.permission)).map((one): Command => ({ id: one.path, label: `Go to ${one.label}`, icon: one.icon, hint: `g ${one.key}`, run: () => { void navigate(`/${one.path}`); } })),
    ...SCREENS.flatMap((screen) => (screen.tabs ?? []).filter((tab) => may.has(tab.permission)).map((tab): Command => ({ id: tab.to, label: `Go to ${screen.label}: ${tab.label}`, icon: screen.icon, run: () => { void navigate(tab.to); } }))),
    { id: "keys", label: "Show all keys", icon: "keys", hint: "?", run: () => { set({ keysOpen: true }); } },
    ...(may.has("switches:engage") ? [{ id: "stop", label: "Stop everything", icon: "stop" as const, run: () => { set({ stopOpen: true }); } }] : []),
    ...channels.map((one): Command => ({ id: `open-${one.id}`, label: `Open the channel ${one.name}`, icon: "channel", run: () => { void navigate(`/channels/${one.id}`); } })),
    ...(may.has("channels:create") ? [{ id: "new-channel", label: "Make a channel", icon: "plus" as const, run: () => { void navigate("/channels/new"); } }] : []),
    ...channels.map((one): Command => ({ id: `only-${one.id}`, label: `Show only ${one.name}`, icon: "channel", run: () => { set({ channel: one.id }); } })),
    ...(channel === null ? [] : [{ id: "every", label: "Show all channels", icon: "channel" as const, run: () => { set({ channel: null }); } }]),
    ...(may.has("channels:edit") ? channels.map((one): Command => ({ id: `pause-${one.id}`, label: `${one.paused ? "Let go on" : "Pause"} ${one.name}`, icon: one.paused ? "play" : "pause", run: () => { pause.mutate(one); } })) : []),
  ];
  const words = text.trim().toLowerCase().split(/\s+/);
  const found = all.filter((one) => words.every((word) => one.label.toLowerCase().includes(word)));
  const topic = text.trim();
  if (topic.length >= LEAST_TOPIC && may.has("tasks:create")) {
    found.push({ id: "inject", label: `Make a video about "${topic}"`, icon: "plus", hint: channel ?? "any channel", run: () => { inject.mutate(topic); } });
  }
  return found;
}

function useInject(channel: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (topic: string) =>
      answerOf(api.POST("/v1/tasks", { body: { kind: "topic", topic, priority: "normal", ...(channel === null ? {} : { channel }) }, params: { header: { "idempotency-key": onceKey() } } })),
    onSuccess: (task) => {
      toast("success", `The topic is queued: ${task.reason || task.what}`);
      void queries.invalidateQueries({ queryKey: ["tasks"] });
    },
    onError: (error) => { toastProblem(error); },
  });
}

function usePause() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (one: ChannelView) => {
      const params = { path: { channel_id: one.id } };
      const { body, etag } = await versionedOf(api.GET("/v1/channels/{channel_id}", { params }));
      const change = body.paused ? { paused: false } : { paused: true, reason: "paused from the console" };
      return answerOf(api.PATCH("/v1/channels/{channel_id}", { params: { ...params, header: { "if-match": etag } }, body: change }));
    },
    onSuccess: (one) => {
      toast("success", one.paused ? `${one.name} is paused: nothing new starts and nothing is published.` : `${one.name} goes on.`);
      void queries.invalidateQueries({ queryKey: ["channels"] });
    },
    onError: (error) => { toastProblem(error); },
  });
}
