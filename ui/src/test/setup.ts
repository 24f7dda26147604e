import "@testing-library/jest-dom/vitest";

import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";

import { closePage, unwatchTimers, watchTimers } from "./fresh-page";
import { server } from "./service";

// Screens are loaded when they are shown, on machines of any speed.
configure({ asyncUtilTimeout: 30_000 });

class NoResize {
  observe(): void { /* jsdom lays nothing out */ }
  unobserve(): void { /* jsdom lays nothing out */ }
  disconnect(): void { /* jsdom lays nothing out */ }
}

globalThis.ResizeObserver = NoResize;
Element.prototype.scrollIntoView = () => undefined;
window.matchMedia = (query: string) => ({ matches: false, media: query, onchange: null, addListener: () => undefined, removeListener: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined, dispatchEvent: () => false });

// jsdom opens no address for what is in memory, and plays nothing.
URL.createObjectURL = () => "blob:http://localhost/1";
URL.revokeObjectURL = () => undefined;
HTMLMediaElement.prototype.play = () => Promise.resolve();
HTMLMediaElement.prototype.pause = () => undefined;

// jsdom lays nothing out: lists that draw only what is seen need a size to see by.
Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 800 });
Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, get: () => 1280 });

beforeAll(() => {
  watchTimers();
  server.listen({ onUnhandledRequest: "error" });
});
afterEach(() => {
  cleanup();
  closePage();
  server.resetHandlers();
});
afterAll(() => {
  server.close();
  unwatchTimers();
});
