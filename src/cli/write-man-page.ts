/** A step of the build: writes the manual that comes with the package. */
import { writeFileSync } from "node:fs";
import { systemClock } from "../clock.js";
import { packageVersion } from "../package-version.js";
import { manPage } from "./help/man-page.js";
import { createProgram } from "./program.js";
import { processEdges } from "./start.js";

const program = createProgram(processEdges(systemClock, new AbortController().signal));
const date = new Date(systemClock.now()).toISOString().slice(0, "2026-11-19".length);
writeFileSync(
  new URL("../sparky-events.1", import.meta.url),
  manPage(program, packageVersion(), date),
);
