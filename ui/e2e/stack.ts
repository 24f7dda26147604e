import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { childOf, end, firstLine } from "./processes";

/** A real stack in a home of its own, whose every outside service is a stand-in on this machine. */
export interface Stack {
  address: string;
  firstAdmin: string;
  home: string;
  /** Kill the process that serves, as the kernel would; the stack starts another. */
  killServer: () => void;
  /** Put five thousand videos on the shelf of a channel. */
  fillShelf: (channel: string) => void;
  stop: () => Promise<void>;
}

interface Where {
  address: string;
  first_admin: string;
}

const ROOT = resolve(import.meta.dirname, "../..");
const BIN = process.env["YTEMPIRE_BIN"] ?? join(ROOT, ".venv/bin");
// The stand-in of Google answers over loopback, which its library takes only when it is told that this is meant.
const STAND_IN = { YTEMPIRE_NETWORK: "auto", OAUTHLIB_INSECURE_TRANSPORT: "1" };
const UP_WITHIN_MS = 180_000;

/** Starts the stand-ins, and the stack that they serve: nothing leaves this machine, and YouTube is the shipped one. */
export async function startStack(): Promise<Stack> {
  const home = mkdtempSync(join(tmpdir(), "ytempire-e2e-"));
  const run = (arguments_: string[], env: NodeJS.ProcessEnv) => spawn(join(BIN, "ytempire"), [...arguments_, "--json"], { cwd: ROOT, env: { ...process.env, YTEMPIRE_HOME: home, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const standIns = run(["sandbox"], {});
  try {
    const { environment } = await firstLine<{ environment: Record<string, string> }>(standIns, "the stand-ins", UP_WITHIN_MS);
    const up = run(["up", "--port", "0"], { ...environment, ...STAND_IN });
    const where = await firstLine<Where>(up, "the stack", UP_WITHIN_MS);
    const stop = async () => {
      await end(up);
      await end(standIns);
      rmSync(home, { recursive: true, force: true });
    };
    return { ...handle(where, home, up.pid ?? 0), stop };
  } catch (error) {
    await end(standIns);
    throw error;
  }
}

function handle(where: Where, home: string, pid: number): Omit<Stack, "stop"> {
  return {
    address: where.address,
    firstAdmin: where.first_admin,
    home,
    killServer: () => { process.kill(childOf(pid, "api.server"), "SIGKILL"); },
    fillShelf: (channel) => { execFileSync(join(BIN, "python"), [join(import.meta.dirname, "shelf.py"), channel], { cwd: ROOT, env: { ...process.env, YTEMPIRE_HOME: home } }); },
  };
}

/** A stack that is up already, while a test is being written: `YTEMPIRE_E2E_STACK=PID:FILE`, the process of `ytempire up --json` and what it said. */
export function runningStack(): Stack | undefined {
  const [, pid, file] = /^(\d+):(.+)$/.exec(process.env["YTEMPIRE_E2E_STACK"] ?? "") ?? [];
  if (pid === undefined || file === undefined) return undefined;
  const where = JSON.parse(execFileSync("head", ["-1", file]).toString()) as Where & { home: string };
  return { ...handle(where, where.home, Number(pid)), stop: () => Promise.resolve() };
}
