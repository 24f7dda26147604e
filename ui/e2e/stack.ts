import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A real stack in a home of its own, with no network and no key. */
export interface Stack {
  address: string;
  firstAdmin: string;
  home: string;
  process: ChildProcess;
  /** Kill the process that serves, as the kernel would; the stack starts another. */
  killServer: () => void;
  stop: () => Promise<void>;
}

const ROOT = resolve(import.meta.dirname, "../..");
const COMMAND = process.env["YTEMPIRE_BIN"] ?? join(ROOT, ".venv/bin/ytempire");
const UP_WITHIN_MS = 150_000;
const DOWN_WITHIN_MS = 60_000;

export async function startStack(): Promise<Stack> {
  const home = mkdtempSync(join(tmpdir(), "ytempire-e2e-"));
  const child = spawn(COMMAND, ["up", "--port", "0", "--json"], {
    cwd: ROOT,
    env: { ...process.env, YTEMPIRE_HOME: home, YTEMPIRE_NETWORK: "off" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = await firstLine(child);
  const where = JSON.parse(said) as { address: string; first_admin: string };
  return { address: where.address, firstAdmin: where.first_admin, home, process: child, killServer: () => { killServer(child); }, stop: () => stop(child, home) };
}

function killServer(stack: ChildProcess): void {
  const found = execFileSync("ps", ["--ppid", String(stack.pid), "-o", "pid=,args="]).toString().split("\n").find((line) => line.includes("api.server"));
  if (found === undefined) throw new Error("the stack has no process that serves");
  process.kill(Number(found.trim().split(/\s+/)[0]), "SIGKILL");
}

/** Resolves with the one line that the stack says when it is up; tells what it said instead when it is not. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    let out = "";
    let err = "";
    const late = setTimeout(() => { give(`the stack was not up within ${String(UP_WITHIN_MS / 1000)} s`); }, UP_WITHIN_MS);
    const give = (why: string) => {
      clearTimeout(late);
      child.kill("SIGTERM");
      failed(new Error(`${why}\n${out}\n${err.slice(-3000)}`));
    };
    child.stderr?.on("data", (part: Buffer) => { err += part.toString(); });
    child.stdout?.on("data", (part: Buffer) => {
      out += part.toString();
      const line = out.split("\n").find((one) => one.startsWith("{"));
      if (line === undefined || !out.includes("\n")) return;
      clearTimeout(late);
      done(line);
    });
    child.once("exit", (code) => { give(`the stack ended (${String(code)})`); });
  });
}

async function stop(child: ChildProcess, home: string): Promise<void> {
  child.removeAllListeners("exit");
  if (child.exitCode === null) {
    const ended = new Promise((done) => child.once("exit", done));
    const hard = setTimeout(() => child.kill("SIGKILL"), DOWN_WITHIN_MS);
    child.kill("SIGTERM");
    await ended;
    clearTimeout(hard);
  }
  rmSync(home, { recursive: true, force: true });
}
