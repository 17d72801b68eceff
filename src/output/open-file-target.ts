import { lstat, open, realpath } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../errors.js";
import { openPipe } from "../files/named-pipe.js";
import { statIfAny } from "../files/stat-if-any.js";
import { endingOf, formatOfName } from "../formats/file-name.js";
import type { RecordFormat } from "../formats/record-format.js";
import { PartialFolder } from "../partial/partial-folder.js";
import { restoreExport } from "../partial/restore-export.js";
import type { ExportTarget, TargetOptions } from "./export-target.js";
import { FileTarget } from "./file-target.js";
import { openError } from "./output-error.js";
import { existsAlready, refuseTaken } from "./refuse-taken.js";
import { settlePublishing } from "./settle-publishing.js";
import { openStreamTarget, refuseSplitting } from "./stream-target.js";

/**
 * Opens what is, or is to be, under a name: a file, or a device, which is written to as it is.
 *
 * @throws UsageError where it cannot be written, or it is for the caller to say how
 */
export async function openFileTarget(
  target: string,
  options: TargetOptions,
): Promise<ExportTarget> {
  try {
    if (target === "") {
      throw new UsageError("The name of the output file is empty.", {
        hint: "For example: --out events.csv",
      });
    }
    const existing = await statIfAny(target);
    if (!existing && (await isLink(target))) {
      throw new UsageError(`${target} is a symbolic link to a file that does not exist.`, {
        hint: "Remove it, or name another file with --out.",
      });
    }
    if (existing?.isDirectory()) {
      throw new UsageError(`${target} is a folder.`, {
        hint: `Name a file in it: --out ${join(target, exampleName(target, options.format))}`,
      });
    }
    if (existing && !existing.isFile()) {
      refuseSplitting(options.splitRows, target);
      refuseConversion(options, target);
      return await openDevice(target, existing.isFIFO(), options);
    }
    // The file that a symbolic link leads to is replaced, not the link.
    const path = (await isLink(target)) ? await realpath(target) : target;
    if (isOtherFormat(path, target)) {
      throw new UsageError(`${target} leads to ${path}, whose name is that of another format.`, {
        hint: "Name the file itself with --out.",
      });
    }
    await settlePublishing(path);
    if (!options.force && (await statIfAny(target))) {
      throw existsAlready(target);
    }
    if (options.splitRows !== undefined) {
      await refuseTaken(path, 2, options.force);
    }
    return await openFolder(path, options);
  } catch (error) {
    throw openError(error, target);
  }
}

async function openFolder(path: string, options: TargetOptions): Promise<FileTarget> {
  const folder = await PartialFolder.open(path);
  try {
    const restored = await restoreExport(path, folder, options);
    return new FileTarget(path, options, folder, restored);
  } catch (error) {
    await folder.leave();
    throw error;
  }
}

/** @throws UsageError where what is made at the end would go to what is no file */
function refuseConversion({ conversion }: TargetOptions, path: string): void {
  if (conversion) {
    throw new UsageError(`${conversion.product} can only be a file, and ${path} is none.`, {
      hint: "Name a file with --out, or write CSV to it.",
    });
  }
}

/** Devices and named pipes, such as those of a shell's `>(command)`, are written to as they are. */
async function openDevice(
  path: string,
  isPipe: boolean,
  options: TargetOptions,
): Promise<ExportTarget> {
  const stream = isPipe
    ? await openPipe(path, options.signal)
    : (await open(path, "w")).createWriteStream();
  // What fails once the export is over concerns nobody.
  stream.on("error", () => {});
  return openStreamTarget(stream, options, path, async () => {
    stream.destroy();
  });
}

/** Whether two names stand for different formats. */
function isOtherFormat(path: string, target: string): boolean {
  const [one, other] = [formatOfName(path), formatOfName(target)];
  return (
    one.isConverted !== other.isConverted ||
    (one.records !== other.records && one.records !== undefined && other.records !== undefined)
  );
}

function exampleName(target: string, { name }: RecordFormat): string {
  return `events${formatOfName(target).isWorkbook ? ".xlsx" : endingOf[name]}`;
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}
