/** What a browser loads as script before it shows the sign-in and the dashboard: at most 300 kB packed. Reads the build in dist/. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const MOST = 300_000;
const FIRST = ["index.html", "src/features/enter/sign-in-page.tsx", "src/features/home/home-page.tsx"];
const dist = process.argv[2] ?? "dist";
if (!existsSync(join(dist, "manifest.json"))) {
  console.error(`${dist} has no build; run \`make console\` first`);
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));

const files = new Set();
const seen = new Set();
function walk(key) {
  const chunk = manifest[key];
  if (seen.has(key) || chunk === undefined) return;
  seen.add(key);
  if (chunk.file.endsWith(".js")) files.add(chunk.file);
  for (const one of chunk.imports ?? []) walk(one);
}
for (const key of FIRST) {
  if (manifest[key] === undefined) throw new Error(`the build has no ${key}; tell this script what the first screens are called now`);
  walk(key);
}
const weights = [...files].map((file) => [gzipSync(readFileSync(join(dist, file)), { level: 9 }).length, file]).sort((one, other) => other[0] - one[0]);
const sum = weights.reduce((so_far, [bytes]) => so_far + bytes, 0);
for (const [bytes, file] of weights.slice(0, 8)) console.log(`${String(bytes).padStart(8)}  ${file}`);
console.log(`${sum} bytes of packed script in ${files.size} files for the sign-in and the dashboard; the limit is ${MOST}`);
process.exitCode = sum > MOST ? 1 : 0;
