import { useQuery } from "@tanstack/react-query";

import { answerOf, api } from "@/api/client";
import { useSession } from "@/session/session-store";

const MOST = 200;
const PERSON = /^user_/;

/** Begins with what an event or the page of people makes old. */
const namesQuery = {
  queryKey: ["users", "names"],
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const { items } = await answerOf(api.GET("/v1/users", { params: { query: { limit: MOST } }, signal }));
    return new Map(items.map((one) => [one.id, one.name || one.email]));
  },
  staleTime: 600_000,
};

/** A function from what people call each other to what the service calls them; anything else is left as it is. */
export function useIdOf(): (words: string) => string {
  const may = useSession((session) => session.permissions.has("users:read"));
  const names = useQuery({ ...namesQuery, enabled: may });
  return (words) => {
    const wanted = words.trim().toLowerCase();
    for (const [id, name] of names.data ?? []) if (name.toLowerCase() === wanted) return id;
    return words;
  };
}

/** Who did something, as people call each other: programs and the command line give a name already, and who is let in only an admin sees. */
export function Who({ id }: { id: string | null | undefined }) {
  const me = useSession((session) => session.user?.id);
  const may = useSession((session) => session.permissions.has("users:read"));
  const isOther = typeof id === "string" && PERSON.test(id) && id !== me;
  const names = useQuery({ ...namesQuery, enabled: isOther && may });
  if (id === null || id === undefined || id === "") return <>somebody</>;
  if (id === me) return <>you</>;
  if (!isOther) return <>{id}</>;
  return <span title={id}>{names.data?.get(id) ?? "a colleague"}</span>;
}
