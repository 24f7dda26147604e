import { begin } from "@/session/session-store";

/** Behind a one-time link somebody comes in anew, whoever was here before. */
const BY_LINK = ["/setup", "/welcome"];

// Who is there is asked while the rest is still being loaded: the page then knows it when it can show something.
if (!BY_LINK.includes(location.pathname)) void begin();
