import { basename, dirname, relative, sep } from "node:path";
import { defineConfig } from "rolldown";

/** A chunk of these files of src/, by the begin of their paths there, and of all that they import. */
function chunk(name, ...paths) {
  const begin = new RegExp(`^(${paths.join("|")})`);
  return {
    name,
    test: (file) => begin.test(relative("src", file).replaceAll(sep, "/")),
  };
}

/** Starting Node.js takes longer with each file that it loads. */
export default defineConfig({
  input: {
    "command-line": "src/command-line.ts",
    index: "src/index.ts",
    "write-man-page": "src/cli/write-man-page.ts",
  },
  platform: "node",
  // Packages, and what comes with Node.js.
  external: /^[^./]/,
  output: {
    dir: "dist",
    cleanDir: true,
    // Every command has a run.ts and a command.ts, which are loaded when they are asked for.
    chunkFileNames: ({ name, facadeModuleId }) =>
      /^(run|command)$/.test(name) && facadeModuleId
        ? `${basename(dirname(facadeModuleId))}-${name}.js`
        : "[name].js",
    codeSplitting: {
      // What an earlier one has is in no later one, so a chunk imports from those above it alone: those
      // of the library from none of the command, and those of help from none of what a command does.
      groups: [
        chunk(
          "shared",
          "(?!index|command-line)[^/]+[.]ts",
          "config/setting-names",
          "csv/whole-event",
        ),
        chunk("settings-and-api", "config/", "api/", "catalog/", "files/", "time/"),
        chunk("exporting", "export/"),
        chunk("syncing", "sync/"),
        chunk("starting", "cli/start", "cli/commands/(exit-codes|shared-options)"),
        chunk("reporting", "cli/report-failure"),
        chunk("running", "cli/commands/export/run"),
      ],
    },
  },
});
