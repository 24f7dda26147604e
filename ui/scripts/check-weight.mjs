/** What a browser loads as script before it shows the sign-in and the dashboard: at most 300 kB packed, in a handful of files. Reads the build in dist/. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const MOST = 300_000;
/** Browsers send six requests at a time to a server: what is more waits for a second round. */
const MOST_FILES = 5;
const dist = process.argv[2] ?? "dist";
if (!existsSync(join(dist, "index.html"))) {
  console.error(`${dist} has no build; run \`make console\` first`);
  process.exit(1);
}

const files = new Set();
function walk(file) {
  if (files.has(file)) return;
  files.add(file);
  const text = readFileSync(join(dist, "assets", file), "utf8");
  for (const [, next] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) walk(next);
}
// The page names what it loads; `first-load.ts` sees to it that both screens are in that.
const page = readFileSync(join(dist, "index.html"), "utf8");
for (const [, file] of page.matchAll(/assets\/([^"]+\.js)"/g)) walk(file);
const manifest = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));
const missed = ["src/features/enter/sign-in-page.tsx", "src/features/home/home-page.tsx"].filter((screen) => manifest[screen] !== undefined);
if (missed.length > 0) {
  console.error(`${missed.join(" and ")} became a file of its own, for which the first screens wait; mend FIRST in first-load.ts`);
  process.exit(1);
}

const weights = [...files].map((file) => [gzipSync(readFileSync(join(dist, "assets", file)), { level: 9 }).length, file]).sort((one, other) => other[0] - one[0]);
const sum = weights.reduce((so_far, [bytes]) => so_far + bytes, 0);
for (const [bytes, file] of weights) console.log(`${String(bytes).padStart(8)}  ${file}`);
console.log(`${sum} bytes of packed script in ${files.size} files for the sign-in and the dashboard; the limits are ${MOST} and ${MOST_FILES}`);
process.exitCode = sum > MOST || files.size > MOST_FILES ? 1 : 0;
