import { defineConfig } from "vitest/config";

/** Needs LibreOffice Calc, so `npm test` leaves it out: `npm run check:spreadsheet`. */
export default defineConfig({
  test: {
    include: ["test/spreadsheet/*.check.ts"],
    testTimeout: 600_000,
  },
});
