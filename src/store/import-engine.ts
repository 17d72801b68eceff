import { UsageError } from "../errors.js";
import { hasCode } from "../files/errno.js";

/**
 * Imports an optional package.
 *
 * @param database what it is for, as shown
 * @param packages all that have to be installed
 * @throws UsageError with the command to type, where it is not installed
 */
export async function importEngine<Module>(
  load: () => Promise<Module>,
  database: string,
  packages: string,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (hasCode(error, "ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND")) {
      throw new UsageError(`A store in ${database} needs a package that is not installed.`, {
        hint: `Type: npm install ${packages} (with --global where sparky-events is global, too).`,
        cause: error,
      });
    }
    throw error;
  }
}
