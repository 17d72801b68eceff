import { type Declaration, type Given, required } from "../declaration.js";
import { unexpected, wrong } from "../exit-codes.js";

const shellArguments = {
  shell: required("your shell: bash, zsh or fish", ["bash", "zsh", "fish"]),
};

export type CompletionGiven = Given<typeof shellArguments, Record<never, never>>;

export const completionCommand: Declaration = {
  arguments: shellArguments,
  options: {},
  examples: [
    ['eval "$(sparky-events completion bash)"', "in ~/.bashrc"],
    ['eval "$(sparky-events completion zsh)"', "in ~/.zshrc, below compinit"],
    [
      "sparky-events completion fish > ~/.config/fish/completions/sparky-events.fish",
      "once, for fish",
    ],
  ],
  exitCodes: [["0", "printed"], unexpected, wrong],
};
