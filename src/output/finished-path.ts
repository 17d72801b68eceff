import { formatOfName } from "../formats/file-name.js";
import { convertedIn, folderOf, mainIn } from "../partial/partial-names.js";

/** Where the file is that gets the name of an export to `path`: what was assembled, or made of that. */
export function finishedPath(path: string, number = 1): string {
  const folder = folderOf(path);
  return formatOfName(path).isConverted ? convertedIn(folder) : mainIn(folder, number);
}
