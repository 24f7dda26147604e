import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { readinessQuery } from "./queries";
import { bodyOf, EMPTY_FORM, isComplete, type StartForm } from "./start-form";

const SETTLES_MS = 400;
const AGAIN_MS = 30_000;

/** Whether what the form asks for could start, looked at again whenever it has not been changed for a moment. */
export function useReadiness(form: StartForm, live: boolean) {
  const [settled, setSettled] = useState<StartForm | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => { setSettled(form); }, SETTLES_MS);
    return () => { clearTimeout(timer); };
  }, [form]);
  return useQuery({ ...readinessQuery(bodyOf(settled ?? EMPTY_FORM), live), enabled: settled !== null && isComplete(settled), refetchInterval: live ? false : AGAIN_MS, placeholderData: keepPreviousData });
}
