/** Who may import whom: `npm run lint` holds the imports of src/ against this. */

/**
 * The rooms, from the top down. A file may import from its own room, from those below it, and from the
 * files in src/ itself.
 */
const rooms = [
  "cli",
  "config",
  "serve",
  "access",
  "sync",
  "store",
  "events-api",
  "http",
  "export",
  "workbook",
  "parquet",
  "output",
  "partial",
  "slices",
  "formats",
  "projector",
  "csv",
  "json-lines",
  "pages",
  "api",
  "catalog",
  "duckdb",
  "files",
  "time",
];

/** Rooms that stand aside: only these others import from them. */
const aside = { sandbox: ["cli"], schedule: ["cli"] };

/** Of the library and of the command: they export what those have for others. */
const doors = "^src/(index|command-line)[.]ts$";

const inside = (names) => `^src/(${names.join("|")})/`;

export default {
  forbidden: [
    ...rooms.slice(1).map((room, index) => ({
      name: `${room}-imports-upwards`,
      severity: "error",
      from: { path: inside([room]) },
      to: { path: inside(rooms.slice(0, index + 1)) },
    })),
    ...Object.entries(aside).map(([room, users]) => ({
      name: `${room}-stands-aside`,
      severity: "error",
      from: { path: "^src/", pathNot: [inside([room, ...users]), doors] },
      to: { path: inside([room]) },
    })),
    {
      name: "files-in-src-import-no-room",
      severity: "error",
      from: { path: "^src/[^/]+$", pathNot: doors },
      to: { path: "^src/[^/]+/" },
    },
    {
      name: "doors-are-for-others",
      severity: "error",
      from: { path: "^src/" },
      to: { path: doors },
    },
    {
      name: "room-without-a-place",
      comment: "Write a new room where it belongs in the list above.",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: inside([...rooms, ...Object.keys(aside)]) },
      to: {},
    },
    {
      name: "circle-of-files",
      severity: "error",
      from: {},
      // What runs a command is loaded when it runs, and takes the type of its options from where those
      // are declared.
      to: { circular: true, viaOnly: { dependencyTypesNot: ["dynamic-import"] } },
    },
    {
      name: "circle-of-folders",
      severity: "error",
      scope: "folder",
      // Through the doors, each room leads to each other.
      from: { pathNot: "^src$" },
      to: { circular: true, viaOnly: { pathNot: "^src$" } },
    },
    {
      name: "not-found",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node"] },
  },
};
