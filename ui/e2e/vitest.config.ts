import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

// What waits for films takes its time on a machine that does other things as well.
const HALF_AN_HOUR_MS = 1_800_000;

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("../src", import.meta.url)) } },
  test: {
    environment: "node",
    globals: true,
    include: ["e2e/**/*.e2e.ts"],
    fileParallelism: false,
    testTimeout: HALF_AN_HOUR_MS,
    hookTimeout: HALF_AN_HOUR_MS,
    reporters: ["verbose"],
  },
});
