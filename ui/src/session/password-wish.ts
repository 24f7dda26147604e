import { create } from "zustand";

import { carry } from "@/api/access";
import { answerOf, api } from "@/api/client";
import { onPasswordWanted } from "@/api/confirming";

/** An act that waits until the password is shown, or until the person leaves it. */
export interface PasswordWish {
  withinMinutes: number;
  settle: (shown: boolean) => void;
}

export const usePasswordWish = create<{ wish: PasswordWish | null }>()(() => ({ wish: null }));

onPasswordWanted(
  (withinMinutes) =>
    new Promise((done) => {
      const settle = (shown: boolean) => {
        usePasswordWish.setState({ wish: null });
        done(shown);
      };
      usePasswordWish.setState({ wish: { withinMinutes, settle } });
    }),
);

/** Show the password; throws a Problem when it is not the right one. */
export async function showPassword(password: string): Promise<void> {
  const confirmed = await answerOf(api.POST("/v1/me/confirm", { body: { password } }));
  carry(confirmed.access_token, confirmed.expires_in);
}
