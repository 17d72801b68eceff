/** A step of the build: writes the manual that comes with the package. */
import { writeFileSync } from "node:fs";
import { systemClock } from "../clock.js";
import { packageFile } from "../package-files.js";
import { packageVersion } from "../package-version.js";
import { loadCommands, mainCommand } from "./commands.js";
import { manPage } from "./help/man-page.js";
import { createProgram } from "./program.js";
import { processEdges } from "./start.js";

const commands = await loadCommands();
const program = createProgram(commands, processEdges(systemClock, new AbortController().signal));
const guideOf = (name: string) => commands.find((command) => command.name === name)?.declaration;
const date = new Date(systemClock.now()).toISOString().slice(0, "2026-11-19".length);
writeFileSync(
  packageFile("dist/sparky-events.1"),
  manPage({ program, mainCommand, guideOf }, packageVersion(), date),
);
