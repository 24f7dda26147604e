import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { askEarly, chunkNames } from "./first-load.ts";

// In development the page comes from Vite and everything else from a running stack.
const STACK = process.env["YTEMPIRE_ADDRESS"] ?? "http://127.0.0.1:8000";
const OF_THE_SERVICE = ["/v1", "/ws", "/events", "/docs", "/openapi.json", "/healthz", "/readyz"];

export default defineConfig({
  plugins: [react(), askEarly()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    port: 5173,
    proxy: Object.fromEntries(OF_THE_SERVICE.map((path) => [path, { target: STACK, ws: path === "/ws" }])),
  },
  build: {
    target: "es2022",
    manifest: "manifest.json",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      input: ["index.html", "src/early.ts"],
      output: { codeSplitting: { includeDependenciesRecursively: false, groups: [{ debugName: "first", name: chunkNames() }] } },
    },
  },
  test: {
    environment: "jsdom",
    globals: true,
    setupFiles: ["src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    restoreMocks: true,
    testTimeout: 120_000,
    // Sockets and clocks tell stores outside of what a test does; waiting for what is seen covers that.
    onConsoleLog: (said) => !said.includes("not wrapped in act("),
    // A worker loads the console once; every test begins with a fresh page of it (`src/test/fresh-page.ts`).
    isolate: false,
    maxWorkers: 2,
  },
});
