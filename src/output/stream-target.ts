import { rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { ClosedPipeError, OutputError, SparkyEventsError, UsageError } from "../errors.js";
import { isSystemError } from "../files/errno.js";
import { makeTemporaryFolder } from "../files/temporary-folder.js";
import { writeError } from "../files/write-error.js";
import type { ConvertedPage } from "../pages/page-converter.js";
import type { ExportState } from "../partial/export-state.js";
import type { MainState } from "../partial/journal.js";
import type { MainOutput } from "../partial/main-file.js";
import { PageAssembly } from "../partial/page-assembly.js";
import { partsFolderIn } from "../partial/partial-folder.js";
import type { Slice } from "../slices/slice.js";
import { unlessAborted } from "../unless-aborted.js";
import type { ExportTarget, TargetOptions, WrittenOutput } from "./export-target.js";
import { outputError } from "./output-error.js";

/**
 * @param name of the stream, for errors
 * @param release called when the export is over, one way or another
 * @throws UsageError where an interrupted export is to go on: a stream remembers nothing; OutputError,
 *   ClosedPipeError where the stream is closed already
 */
export async function openStreamTarget(
  stream: Writable,
  { header, resume, splitRows, mayStartOver, signal }: TargetOptions,
  name = "the output",
  release: () => Promise<void> = async () => {},
): Promise<ExportTarget> {
  if (resume) {
    throw new UsageError("A stream cannot go on where it was interrupted (--resume).", {
      hint: "Leave out --resume, or write to a file with --out FILE.",
    });
  }
  refuseSplitting(splitRows, name);
  refuseClosed(stream, name);
  const folder = await makeTemporaryFolder("sparky-events-");
  const output = new StreamOutput(stream, name);
  return new StreamTarget(output, header, folder, mayStartOver, signal, release);
}

/** @throws UsageError where a stream is to be split into files */
export function refuseSplitting(splitRows: number | undefined, name: string): void {
  if (splitRows !== undefined) {
    throw new UsageError(`Only files can be split (--split-rows ${splitRows}), not ${name}.`, {
      hint: "Write to a file with --out FILE, or switch splitting off with --split-rows 0.",
    });
  }
}

/** A target that cannot be taken back, such as standard output: only the exit code can tell. */
class StreamTarget implements ExportTarget {
  readonly restored = undefined;
  readonly hasReader = true;
  readonly partsFolder: string;
  readonly #output: StreamOutput;
  readonly #header: Uint8Array;
  /** Pages whose turn has not come wait here. */
  readonly #folder: string;
  readonly #mayStartOver: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #release: () => Promise<void>;
  #assembly: PageAssembly | undefined;

  constructor(
    output: StreamOutput,
    header: Uint8Array,
    folder: string,
    mayStartOver: boolean,
    signal: AbortSignal | undefined,
    release: () => Promise<void>,
  ) {
    this.#output = output;
    this.#header = header;
    this.#folder = folder;
    this.partsFolder = partsFolderIn(folder);
    this.#mayStartOver = mayStartOver;
    this.#signal = signal;
    this.#release = release;
  }

  async begin({ queue }: ExportState): Promise<void> {
    this.#assembly = new PageAssembly(
      {
        main: this.#output,
        folder: this.#folder,
        slices: queue.slices,
        durable: false,
        // What a reader has cannot be taken back when a slice starts over.
        direct: !this.#mayStartOver,
        onMain: async () => {},
      },
      this.#header.length,
    );
    await unlessAborted(this.#output.append(this.#header), this.#signal);
  }

  async addPage(slice: Slice, page: ConvertedPage): Promise<void> {
    const done = slice.state === "done";
    try {
      await this.#assembly?.add(slice, page, async () => {});
      if (done) {
        await this.#assembly?.advance();
      }
    } catch (error) {
      // The output explains its own failures.
      throw writeError(error, `pages that wait for their turn in ${this.#folder}`, {
        full: "Make room there, or let TMPDIR name a folder on another disk.",
      });
    }
  }

  async addCut(): Promise<void> {}

  async addJoin(): Promise<void> {}

  async addParts(): Promise<void> {}

  async restart(slice: Slice): Promise<void> {
    await this.#assembly?.forget(slice, async () => {});
  }

  async commit(): Promise<WrittenOutput> {
    await this.#assembly?.advance();
    await this.#output.end();
    await this.#close();
    this.#assembly?.audit(this.#header.length, []);
    const bytes = this.#output.state.length;
    return { path: undefined, paths: [], removed: [], bytes, workbook: undefined };
  }

  async keepIncomplete(): Promise<readonly string[]> {
    await this.#assembly?.advance();
    await this.#close();
    return [];
  }

  async abandon(): Promise<undefined> {
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.#output.close();
    await rm(this.#folder, { recursive: true, force: true });
    await this.#release();
  }
}

/** Writes to a stream that is somebody else's: nothing of this is left on it in the end. */
class StreamOutput implements MainOutput {
  readonly #stream: Writable;
  readonly #name: string;
  #length = 0;
  #failure: unknown;
  #hasEmitted = false;
  /** Ends the wait for a write, to which a stream that fails may never answer. */
  #giveUp: (reason: unknown) => void = () => {};

  constructor(stream: Writable, name: string) {
    this.#stream = stream;
    this.#name = name;
    stream.on("error", this.#onError);
    stream.on("close", this.#onClose);
  }

  get state(): MainState {
    return { length: this.#length, consumed: this.#length };
  }

  get lengths(): readonly number[] {
    return [this.#length];
  }

  async append(csv: Uint8Array): Promise<void> {
    await this.end();
    await new Promise<void>((resolve, reject) => {
      this.#giveUp = reject;
      try {
        this.#stream.write(csv, (error) => (error ? this.#fail(error) : resolve()));
      } catch (error) {
        this.#fail(error);
      }
    });
    this.#length += csv.length;
  }

  async sync(): Promise<void> {}

  /** @throws OutputError, ClosedPipeError where it has failed since the last write */
  async end(): Promise<void> {
    const failure = this.#failure ?? this.#stream.errored;
    if (failure) {
      throw streamError(failure, this.#name);
    }
  }

  async close(): Promise<void> {
    // The failure that was told is not to come as a surprise later.
    if (this.#stream.errored && !this.#hasEmitted && !this.#stream.closed) {
      await new Promise<void>((resolve) => {
        this.#stream.once("error", () => resolve());
      });
    }
    this.#stream.off("error", this.#onError);
    this.#stream.off("close", this.#onClose);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#giveUp(streamError(this.#failure, this.#name));
  }

  /** An error may come between two writes, when the reader goes away. */
  readonly #onError = (error: Error): void => {
    this.#hasEmitted = true;
    this.#fail(error);
  };

  readonly #onClose = (): void => {
    this.#fail(new ClosedPipeError(`The reader of ${this.#name} is gone.`));
  };
}

/** @throws OutputError, ClosedPipeError where nothing can be written any more */
function refuseClosed({ errored, destroyed, writableEnded }: Writable, name: string): void {
  if (errored) {
    throw streamError(errored, name);
  }
  if (destroyed || writableEnded) {
    const reason = writableEnded ? "has been ended" : "is closed";
    throw new OutputError(`Could not write ${name}: the stream ${reason} already.`);
  }
}

function streamError(error: unknown, name: string): unknown {
  if (error instanceof SparkyEventsError || isSystemError(error)) {
    return outputError(error, name);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new OutputError(`Could not write ${name}: ${reason}.`, { cause: error });
}
