import { UsageError } from "../errors.js";

/** @throws UsageError where the contents of a file are not UTF-8 */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${name} is not UTF-8.`, {
      hint: "Save it as UTF-8 in your editor.",
      cause: error,
    });
  }
}
