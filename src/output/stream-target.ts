import { rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { UsageError } from "../errors.js";
import { makeTemporaryFolder } from "../files/temporary-folder.js";
import { writeError } from "../files/write-error.js";
import type { RecordFormat } from "../formats/record-format.js";
import type { ExportState } from "../partial/export-state.js";
import { type AssembledPage, PageAssembly } from "../partial/page-assembly.js";
import { partsIn } from "../partial/partial-names.js";
import type { ArrivedPage } from "../slices/page-sink.js";
import type { Slice } from "../slices/slice.js";
import { unlessAborted } from "../unless-aborted.js";
import type { ExportTarget, OpenExport, TargetOptions, WrittenOutput } from "./export-target.js";
import { LifeCycle } from "./life-cycle.js";
import { refuseClosed, StreamOutput } from "./stream-output.js";

/**
 * @param name of the stream, for errors
 * @param release called when the export is over, one way or another
 * @throws UsageError where an interrupted export is to go on: a stream remembers nothing; OutputError,
 *   ClosedPipeError where the stream is closed already
 */
export async function openStreamTarget(
  stream: Writable,
  options: TargetOptions,
  name = "the output",
  release: () => Promise<void> = async () => {},
): Promise<ExportTarget> {
  if (options.resume) {
    throw new UsageError("A stream cannot go on where it was interrupted (--resume).", {
      hint: "Leave out --resume, or write to a file with --out FILE.",
    });
  }
  refuseSplitting(options.splitRows, name);
  refuseClosed(stream, name);
  // Pages whose turn has not come wait there.
  const folder = await makeTemporaryFolder("sparky-events-");
  return new StreamTarget(new StreamOutput(stream, name), folder, options, release);
}

/** @throws UsageError where a stream is to be split into files */
export function refuseSplitting(splitRows: number | undefined, name: string): void {
  if (splitRows !== undefined) {
    throw new UsageError(`Only files can be split (--split-rows ${splitRows}), not ${name}.`, {
      hint: "Write to a file with --out FILE, or switch splitting off with --split-rows 0.",
    });
  }
}

class StreamTarget implements ExportTarget {
  readonly restored = undefined;
  readonly #output: StreamOutput;
  readonly #folder: string;
  readonly #options: TargetOptions;
  readonly #release: () => Promise<void>;
  readonly #life = new LifeCycle();

  constructor(
    output: StreamOutput,
    folder: string,
    options: TargetOptions,
    release: () => Promise<void>,
  ) {
    this.#output = output;
    this.#folder = folder;
    this.#options = options;
    this.#release = release;
  }

  begin({ queue }: ExportState): Promise<OpenExport> {
    return this.#life.end(async () => {
      const { format, mayStartOver, signal } = this.#options;
      const { header } = format;
      const assembly = new PageAssembly(
        {
          main: this.#output,
          folder: this.#folder,
          slices: queue.slices,
          durable: false,
          // What a reader has cannot be taken back when a slice starts over.
          direct: !mayStartOver,
          onMain: async () => {},
        },
        header.length,
      );
      await unlessAborted(this.#output.append(header), signal);
      const close = () => this.#close();
      return new StreamExport(this.#output, this.#folder, assembly, format, close);
    });
  }

  abandon(): Promise<undefined> {
    return this.#life.abandon(() => this.#close());
  }

  async #close(): Promise<undefined> {
    await this.#output.close();
    await rm(this.#folder, { recursive: true, force: true });
    await this.#release();
  }
}

/** Writes to what cannot be taken back, such as standard output: only the exit code can tell. */
class StreamExport implements OpenExport {
  readonly hasReader = true;
  readonly partsFolder: string;
  readonly #output: StreamOutput;
  readonly #folder: string;
  readonly #assembly: PageAssembly;
  readonly #format: RecordFormat;
  readonly #close: () => Promise<undefined>;
  readonly #life = new LifeCycle();

  constructor(
    output: StreamOutput,
    folder: string,
    assembly: PageAssembly,
    format: RecordFormat,
    close: () => Promise<undefined>,
  ) {
    this.#output = output;
    this.#folder = folder;
    this.#assembly = assembly;
    this.#format = format;
    this.#close = close;
    this.partsFolder = partsIn(folder);
  }

  addPage(slice: Slice, page: ArrivedPage): Promise<void> {
    return this.#add(slice, page);
  }

  addChunk(slice: Slice, chunk: AssembledPage): Promise<void> {
    return this.#add(slice, chunk);
  }

  async #add(slice: Slice, page: AssembledPage): Promise<void> {
    this.#life.requireOpen();
    const done = slice.state === "done";
    try {
      await this.#assembly.add(slice, page, async () => {});
      if (done) {
        await this.#assembly.advance();
      }
    } catch (error) {
      // The output explains its own failures.
      throw writeError(error, `pages that wait for their turn in ${this.#folder}`, {
        full: "Make room there, or let TMPDIR name a folder on another disk.",
      });
    }
  }

  async addCut(): Promise<void> {
    this.#life.requireOpen();
  }

  async addJoin(): Promise<void> {
    this.#life.requireOpen();
  }

  async addParts(): Promise<void> {
    this.#life.requireOpen();
  }

  async restart(slice: Slice): Promise<void> {
    this.#life.requireOpen();
    await this.#assembly.forget(slice, async () => {});
  }

  commit(): Promise<WrittenOutput> {
    return this.#life.end(async () => {
      await this.#assembly.advance();
      await this.#output.end();
      await this.#close();
      this.#assembly.audit(this.#format, []);
      const bytes = this.#output.state.length;
      return { path: undefined, paths: [], removed: [], bytes, workbook: undefined };
    });
  }

  keepIncomplete(): Promise<readonly string[]> {
    return this.#life.end(async () => {
      await this.#assembly.advance();
      await this.#close();
      return [];
    });
  }

  abandon(): Promise<undefined> {
    return this.#life.abandon(this.#close);
  }
}
