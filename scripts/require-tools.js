// What builds a clone comes with `npm ci`; npm links and packs a clone without it.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
if (!existsSync(new URL("node_modules/typescript/package.json", root))) {
  process.stderr.write(
    "\nThis is a clone of sparky-events, and what builds it is not here yet. " +
      `In ${fileURLToPath(root)}, run\n\n  npm ci\n\nand then the same command again.\n\n`,
  );
  process.exitCode = 1;
}
