import { type ChildProcess, execFileSync } from "node:child_process";

const DOWN_WITHIN_MS = 60_000;

/** Resolves with the first JSON line that a process says; tells what it said instead when it says none. */
export function firstLine<T>(child: ChildProcess, what: string, withinMs: number): Promise<T> {
  return new Promise((done, failed) => {
    let out = "";
    let err = "";
    const give = (why: string) => {
      clearTimeout(late);
      child.kill("SIGTERM");
      failed(new Error(`${why}\n${out}\n${err.slice(-3000)}`));
    };
    const late = setTimeout(() => { give(`${what} did not say where it is within ${String(withinMs / 1000)} s`); }, withinMs);
    child.stderr?.on("data", (part: Buffer) => { err = (err + part.toString()).slice(-20_000); });
    child.stdout?.on("data", (part: Buffer) => {
      out += part.toString();
      const line = out.split("\n").slice(0, -1).find((one) => one.startsWith("{"));
      if (line === undefined) return;
      clearTimeout(late);
      done(JSON.parse(line) as T);
    });
    child.once("exit", (code) => { give(`${what} ended (${String(code)})`); });
  });
}

export async function end(child: ChildProcess): Promise<void> {
  child.removeAllListeners("exit");
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once("exit", done));
  const hard = setTimeout(() => child.kill("SIGKILL"), DOWN_WITHIN_MS);
  child.kill("SIGTERM");
  await ended;
  clearTimeout(hard);
}

/** The child of a process whose command holds those words. */
export function childOf(parent: number, words: string): number {
  const found = execFileSync("ps", ["--ppid", String(parent), "-o", "pid=,args="]).toString().split("\n").find((line) => line.includes(words));
  if (found === undefined) throw new Error(`process ${String(parent)} has no child ${words}`);
  return Number(found.trim().split(/\s+/)[0]);
}
