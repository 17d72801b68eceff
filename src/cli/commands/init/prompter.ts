import { Transform } from "node:stream";
import {
  autocompleteMultiselect,
  confirm,
  isCancel,
  log,
  outro,
  password,
  select,
  text,
} from "@clack/prompts";
import type { Edges } from "../../process/edges.js";
import { Interruption } from "../../process/signals.js";
import { harmless } from "../../terminal/harmless.js";
import { wrapFor } from "../../terminal/wrap.js";

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
}

/** Why an answer will not do, or nothing where it will. */
type Objection = (answer: string) => string | undefined;

/** Asks a person; every question rejects when the person or the system stops the command. */
export interface Prompter {
  secret(message: string, objection: Objection): Promise<string>;
  text(message: string, initial: string, objection: Objection): Promise<string>;
  confirm(message: string): Promise<boolean>;
  choose(message: string, choices: readonly Choice[]): Promise<string>;
  /** Several choices, at least one. Typing narrows them down; Space and Tab choose. */
  pick(message: string, choices: readonly Choice[], initial: readonly string[]): Promise<string[]>;
  step(message: string): void;
  success(message: string): void;
  warn(message: string): void;
  end(message: string): void;
}

/** Questions on the terminal. */
export function terminalPrompter({ stdin, stdout, signal }: Edges): Prompter {
  const streams = { input: stdin, output: stdout.stream };
  const common = { ...streams, signal };
  const answer = async <Answer>(question: Promise<Answer>): Promise<Exclude<Answer, symbol>> => {
    const value = await question;
    signal.throwIfAborted();
    // In raw mode Ctrl-C is a key, not a signal.
    if (isCancel(value)) {
      throw new Interruption("SIGINT");
    }
    return value as Exclude<Answer, symbol>;
  };
  const validate = (objection: Objection) => (value: string | undefined) => {
    const words = objection(value ?? "");
    return words === undefined ? undefined : harmless(words);
  };
  // The words of a message stand beside a bar, which takes three columns.
  const beside = (message: string) =>
    wrapFor({ isTTY: stdout.isTTY, columns: (stdout.columns ?? 0) - 3 }, harmless(message));
  return {
    secret: (message, objection) =>
      answer(password({ ...common, message, validate: validate(objection) })),
    text: (message, initial, objection) =>
      answer(text({ ...common, message, initialValue: initial, validate: validate(objection) })),
    confirm: (message) =>
      answer(confirm({ ...common, message: harmless(message), initialValue: false })),
    choose: (message, choices) => answer(select({ ...common, message, options: [...choices] })),
    pick: async (message, choices, initial) => {
      const keys = new SpaceAsTab(stdin);
      stdin.pipe(keys);
      try {
        return await answer(
          autocompleteMultiselect({
            ...common,
            input: keys,
            message,
            options: [...choices],
            initialValues: [...initial],
            required: true,
          }),
        );
      } finally {
        stdin.unpipe(keys);
      }
    },
    step: (message) => log.step(beside(message), streams),
    success: (message) => log.success(beside(message), streams),
    warn: (message) => log.warn(beside(message), streams),
    end: (message) => outro(harmless(message), streams),
  };
}

/** Keys of a terminal. A list that is searched takes Space for a letter, except behind an arrow. */
class SpaceAsTab extends Transform {
  readonly isTTY = true;
  readonly #terminal: NodeJS.ReadStream;

  constructor(terminal: NodeJS.ReadStream) {
    super();
    this.#terminal = terminal;
  }

  setRawMode(mode: boolean): void {
    this.#terminal.setRawMode(mode);
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: null, keys: Buffer) => void,
  ): void {
    done(null, Buffer.from(chunk.toString("latin1").replaceAll(" ", "\t"), "latin1"));
  }
}
