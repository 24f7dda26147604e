/** Grave acts want the password shown lately (docs/identity.md): the page is asked for it, and the act is sent again. */

type Ask = (withinMinutes: number) => Promise<boolean>;

const MINUTES = 15;
let ask: Ask = () => Promise.resolve(false);
let asking: Promise<boolean> | null = null;

/** Say how the page asks; the answer is whether the password was shown. */
export function onPasswordWanted(how: Ask): void {
  ask = how;
}

/** Ask once for everything that waits for it meanwhile. */
export function passwordShown(withinMinutes: number): Promise<boolean> {
  asking ??= ask(withinMinutes).finally(() => {
    asking = null;
  });
  return asking;
}

/** For how many minutes a shown password counts, where an answer wants one; null where it does not. */
export async function passwordWanted(answer: Response): Promise<number | null> {
  if (answer.status !== 403) return null;
  const told = (await answer.clone().json().catch(() => ({}))) as Record<string, unknown>;
  if (told["code"] !== "confirmation_needed") return null;
  return typeof told["within_minutes"] === "number" ? told["within_minutes"] : MINUTES;
}
