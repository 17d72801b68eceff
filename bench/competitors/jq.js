/**
 * jq over a page that was saved before: no download.
 *
 * @param {{ columns: string[], output: string }} options
 */
export function jq(savedPage, { columns, output }) {
  const fields = columns.map((column) => `.${column}`).join(", ");
  // @csv refuses objects and arrays.
  const texts = 'map(if type == "object" or type == "array" then tojson else . end)';
  const filter = `.results[] | [${fields}] | ${texts} | @csv`;
  return { command: "jq", args: ["-r", filter, savedPage], output };
}
