// A process that runs one command line after the other, each as a process of its own would be, but for
// what is loaded once. Takes them from the process that started it, and ends with it.
import { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { Interruption, main, Screen, systemClock } from "../../dist/command-line.js";
import { datedClock, fastClock } from "./clocks.js";
import { currentRun, Run, within } from "./current-run.js";

const clocks = {
  real: () => systemClock,
  fast: () => fastClock(),
  dated: ({ CLOCK = "" }) => datedClock(CLOCK),
};
const script = fileURLToPath(new URL("../../bin/sparky-events.js", import.meta.url));
/** Whom the system gives no process has a greater number: the most that it gives is 2^22. */
let lastMortal = 2 ** 22;
/** Sends a signal to the run that goes on. */
let sendSignal = () => {};

// What a killed run leaves names its process, which has to be gone.
const { pid } = process;
Object.defineProperty(process, "pid", { get: () => currentRun().pid ?? pid });

process.on("message", (message) => {
  if (message.signal) {
    sendSignal(message.signal);
  } else {
    start(message);
  }
});

async function start({ args, cwd, env, launcher, isMortal }) {
  process.chdir(cwd);
  // What Node.js, and the client of PostgreSQL, read for themselves.
  const names = ["TZ", "TMPDIR", ...Object.keys({ ...process.env, ...env }).filter(isOfPostgres)];
  for (const name of names) {
    if (env[name] === undefined) {
      delete process.env[name];
    } else {
      process.env[name] = env[name];
    }
  }
  const stdout = new Collector();
  const stderr = new Collector();
  const interruption = new AbortController();
  const answer = (end) => {
    sendSignal = () => {};
    process.send({ code: null, signal: null, stdout: stdout.text, stderr: stderr.text, ...end });
  };
  const run = new Run(env, () => {
    answer({ signal: "SIGKILL" });
    // For its connections to end: of the disk it changes nothing any more.
    interruption.abort(new Interruption("SIGTERM"));
  });
  if (isMortal) {
    run.pid = ++lastMortal;
  }
  sendSignal = (signal) => {
    if (signal === "SIGKILL") {
      run.kill();
    } else {
      interruption.abort(new Interruption(signal));
    }
  };
  const code = await within(run, () =>
    main(args, {
      launch: { node: process.execPath, script },
      env,
      stdin: new PassThrough().end(),
      stdout: new Screen(stdout),
      stderr: new Screen(stderr),
      clock: clocks[launcher](env),
      signal: interruption.signal,
      secrets: new Set(),
    }),
  );
  if (!run.isKilled) {
    run.tellChanges();
    answer({ code });
  }
}

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

function isOfPostgres(name) {
  return name.startsWith("PG");
}
