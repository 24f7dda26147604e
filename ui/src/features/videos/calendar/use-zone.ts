import { useQuery } from "@tanstack/react-query";

import { zoneQuery } from "../list-queries";

/** Where whoever looks is. */
export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone of a channel, once it is known; of all channels together, that of whoever looks. */
export function useZone(channel: string | null) {
  const own = useQuery({ ...zoneQuery(channel ?? ""), enabled: channel !== null });
  const zone = own.data ?? HERE;
  const words = channel === null || own.data === undefined ? `Times in ${zone}, where you are; ${own.isError ? "the channel's own could not be read" : "a chosen channel has its own"}.` : `Times in ${zone}, the zone of ${channel}.`;
  return { zone, words, known: channel === null || !own.isPending, error: own.error, retry: () => void own.refetch() };
}
