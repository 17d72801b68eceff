/**
 * A file of the package. This one is in a folder of its root: in `src/`, or bundled into a file that lies
 * flat in `dist/`.
 *
 * @param path from the root of the package
 */
export function packageFile(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}
