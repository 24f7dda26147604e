import { useMutation, useQueryClient } from "@tanstack/react-query";

import type { UserChange, UserView } from "@/api/schema";
import { toast, toastProblem } from "@/parts/toasts";

import { called, changePerson, peopleQuery } from "./queries";

function said(one: UserView, change: UserChange): string {
  if (change.disabled) return `${called(one)} is let out: sessions and programs of theirs are good for nothing from now on.`;
  if (change.disabled === false) return `${called(one)} is let in again.`;
  return `${called(one)} is ${one.role} now.`;
}

/** Changes a role, lets a person out or in again; effective at once, and the password may be asked for. */
export function usePersonChange(seen: UserView) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: UserChange) => changePerson(seen, change),
    onSuccess: (one, change) => { toast("success", said(one, change)); },
    onError: (error) => { toastProblem(error); },
    onSettled: () => void queries.invalidateQueries({ queryKey: peopleQuery.queryKey }),
  });
}
