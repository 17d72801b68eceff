#!/usr/bin/env node
import { fileURLToPath } from "node:url";

const { start } = await import("../dist/command-line.js").catch((error) => {
  if (error.code !== "ERR_MODULE_NOT_FOUND") {
    throw error;
  }
  const folder = fileURLToPath(new URL("..", import.meta.url));
  process.stderr.write(
    `error: sparky-events in ${folder} is not built, or not whole. There, run: npm ci\n`,
  );
  process.exit(1);
});
await start();
