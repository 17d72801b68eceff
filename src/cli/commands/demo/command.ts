import type { Declaration } from "../declaration.js";
import { interrupted, unexpected } from "../exit-codes.js";

export const demoCommand: Declaration = {
  arguments: {},
  options: {},
  examples: [["sparky-events demo", "see an export work, without an account"]],
  exitCodes: [["0", "exported"], unexpected, interrupted],
};
