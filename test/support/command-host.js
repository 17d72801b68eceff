// A process that runs one command line after the other, each as a process of its own would be, but for
// what is loaded once. Takes them from the process that started it, and ends with it.
import { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { main, Screen, systemClock } from "../../dist/command-line.js";
import { datedClock, fastClock } from "./clocks.js";

const clocks = {
  real: () => systemClock,
  fast: () => fastClock(),
  dated: ({ CLOCK = "" }) => datedClock(CLOCK),
};
const script = fileURLToPath(new URL("../../bin/sparky-events.js", import.meta.url));

process.on("message", async ({ args, cwd, env, launcher }) => {
  process.chdir(cwd);
  // What the client of PostgreSQL reads for itself.
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith("PG")) {
      process.env[name] = value;
    }
  }
  const stdout = new Collector();
  const stderr = new Collector();
  const code = await main(args, {
    launch: { node: process.execPath, script },
    env,
    stdin: new PassThrough().end(),
    stdout: new Screen(stdout),
    stderr: new Screen(stderr),
    clock: clocks[launcher](env),
    signal: new AbortController().signal,
    secrets: new Set(),
  });
  process.send({ code, stdout: stdout.text, stderr: stderr.text });
});

/** Keeps what is written. A socket, as a pipe is to Node. */
class Collector extends Socket {
  #chunks = [];

  constructor() {
    super({ writable: true });
    this._writev = null;
  }

  _write(chunk, encoding, done) {
    this.#chunks.push(Buffer.from(chunk, encoding));
    done();
  }

  get text() {
    return Buffer.concat(this.#chunks).toString();
  }
}
