import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { commandLine } from "./command.js";

/** Whether util-linux's `script` is there, which runs a command on a terminal of its own. */
export const hasTerminal =
  spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false;

export interface Terminal {
  /** Resolves when the text has appeared after all that was waited for before. */
  shows(text: string): Promise<void>;
  type(keys: string): void;
  /** Everything that was shown, and the exit code. */
  readonly finished: Promise<{ code: number | null; screen: string }>;
}

export const keys = {
  enter: "\r",
  up: "\u001b[A",
  down: "\u001b[B",
  space: " ",
  tab: "\t",
  ctrlC: "\u0003",
  backspace: "\u007f",
};

/** Starts the command on a terminal. */
export function startOnTerminal(
  args: readonly string[],
  {
    cwd,
    env = {},
    columns = 100,
  }: { cwd: string; env?: Readonly<Record<string, string>>; columns?: number },
): Terminal {
  const command = commandLine(args)
    .map((word) => `'${word}'`)
    .join(" ");
  const child = spawn(
    "script",
    ["-qec", `stty cols ${columns} rows 50; exec ${command}`, "/dev/null"],
    {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, TERM: "xterm", ...env },
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  onTestFinished(() => void child.kill());
  let screen = "";
  let seen = 0;
  let look = () => {};
  let fail = () => {};
  child.stdout.setEncoding("utf8").on("data", (text) => {
    screen += text;
    look();
  });
  child.once("close", () => fail());
  return {
    shows: (text) =>
      new Promise((resolve, reject) => {
        look = () => {
          const index = screen.indexOf(text, seen);
          if (index !== -1) {
            seen = index + text.length;
            look = () => {};
            resolve();
          }
        };
        fail = () => reject(new Error(`never shown: ${text}\n${screen}`));
        look();
      }),
    type: (text) => void child.stdin.write(text),
    finished: once(child, "close").then(([code]) => ({ code, screen })),
  };
}
