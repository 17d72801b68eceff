import { UsageError } from "./errors.js";

/**
 * Imports an optional package.
 *
 * @param use what it is for, as a sentence begins with it
 * @param packages all that have to be installed
 * @throws UsageError with the command to type, where it is not installed
 */
export async function importPackage<Module>(
  load: () => Promise<Module>,
  use: string,
  packages: string,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"].includes(code)) {
      throw new UsageError(`${use} needs a package that is not installed.`, {
        hint: `Type: npm install ${packages} (with --global where sparky-events is global, too).`,
        cause: error,
      });
    }
    throw error;
  }
}
