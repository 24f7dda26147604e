/** The committed types must be what the committed schema gives, byte by byte. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "ytempire-client-"));
try {
  const fresh = join(folder, "schema.d.ts");
  const cli = join("node_modules", "openapi-typescript", "bin", "cli.js");
  execFileSync(process.execPath, [cli, "openapi.json", "-o", fresh, "--root-types", "--root-types-no-schema-prefix"], { stdio: "pipe" });
  if (readFileSync(fresh, "utf8") !== readFileSync("src/api/schema.d.ts", "utf8")) {
    console.error("src/api/schema.d.ts is not what openapi.json gives: run `make client` and commit both");
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
