import { type Declaration, type Given, value } from "../declaration.js";
import { unexpected } from "../exit-codes.js";

const options = {
  port: value("--port <N>", "port on 127.0.0.1; 0 for any free one (default: 8025)"),
  events: value("--events <N>", "number of events, over the last 10 days (default: 100000)"),
  seed: value("--seed <N>", "which events: the same seed makes the same ones (default: 1)"),
  rateLimit: value("--rate-limit <R>", "requests per second; beyond, answers 429"),
  latency: value("--latency <MS>", "milliseconds before each answer (default: 0)"),
  failRate: value("--fail-rate <P>", "share of requests that fail, from 0 to 1 (default: 0)"),
};

export type SandboxGiven = Given<Record<never, never>, typeof options>;

export const sandboxCommand: Declaration = {
  arguments: {},
  options,
  examples: [
    ["sparky-events sandbox", "then, in another terminal:"],
    [
      "SPARKPOST_API_KEY=sandbox sparky-events yesterday --host http://127.0.0.1:8025",
      "export from it",
    ],
    ["sparky-events sandbox --rate-limit 1 --fail-rate 0.2", "a bad day"],
  ],
  exitCodes: [
    ["0", "stopped by Ctrl-C"],
    unexpected,
    ["2", "the command line is wrong, or the port is in use"],
  ],
};
