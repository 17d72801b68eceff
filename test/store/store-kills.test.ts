import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { randomNumbers, seed, times } from "../support/random-numbers.js";
import { writeStoreCsv } from "../support/store-csv.js";
import { duckDb, newFolder, openAt, postgres } from "./store-harness.js";
import { startProgram } from "./store-program.js";

const perFile = 3000;

describe.each([duckDb, postgres])("a program that fills a store in $engine", (harness) => {
  test(`killed at any moment, leaves whole loads or nothing of them (SEED=${seed})`, async () => {
    const random = randomNumbers(seed);
    const folder = await newFolder();
    const files = await Promise.all(
      [0, 1, 2].map((day) => writeStoreCsv(folder, `day-${day}.csv`, eventsOf(day))),
    );
    for (let round = 0; round < times(6, 50); round++) {
      const address = await harness.newAddress();
      const program = startProgram(address, files);
      expect(await program.next()).toBe("open");
      await delay(random(600));
      await program.kill();

      const store = await openAt(address);
      const names = [...(await store.readPeriods()).keys()];
      const counts = await store.count(
        files.map((_, day) => ({ start: startOf(day), end: startOf(day + 1) })),
      );
      await store.close();
      expect(names).toEqual(["day-0.csv", "day-1.csv", "day-2.csv"].slice(0, names.length));
      expect(counts).toEqual(files.map((_, day) => (day < names.length ? perFile : 0)));

      const again = startProgram(address, files);
      await again.next();
      for (let day = 0; day < files.length; day++) {
        expect(await again.next()).toBe(`added ${day < names.length ? 0 : perFile}`);
      }
      await again.finish();
    }
  });
});

function startOf(day: number): number {
  return Date.UTC(2026, 10, 1 + day);
}

function eventsOf(day: number): string[] {
  return Array.from({ length: perFile }, (_, index) =>
    JSON.stringify({
      type: "delivery",
      event_id: `${day}-${index}`,
      timestamp: new Date(startOf(day) + index).toISOString(),
      rcpt_meta: { filler: String(index * 7919).repeat(60) },
    }),
  );
}
