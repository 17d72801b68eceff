import { describe, expect, test } from "vitest";
import { resolveZone } from "../../src/time/zone.js";
import { usageError } from "./usage-error.js";

describe("resolveZone", () => {
  test.each([undefined, "", "  "])("%j means UTC", (name) => {
    expect(resolveZone(name).name).toBe("UTC");
  });

  test.each([
    ["Europe/Berlin", "Europe/Berlin"],
    ["europe/berlin", "Europe/Berlin"],
    [" AMERICA/NEW_YORK ", "America/New_York"],
    ["america/port-au-prince", "America/Port-au-Prince"],
    ["africa/dar_es_salaam", "Africa/Dar_es_Salaam"],
    ["antarctica/dumontdurville", "Antarctica/DumontDUrville"],
    ["utc", "UTC"],
    ["est5edt", "EST5EDT"],
    ["gb-eire", "GB-Eire"],
    ["GMT+0", "GMT+0"],
    ["etc/gmt-2", "Etc/GMT-2"],
    ["etc/utc", "Etc/UTC"],
    ["etc/zulu", "Etc/Zulu"],
    ["us/eastern", "US/Eastern"],
    ["australia/act", "Australia/ACT"],
    ["america/knox_in", "America/Knox_IN"],
    ["america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"],
  ])("%j is %s", (name, usual) => {
    const zone = resolveZone(name);
    expect(zone.name).toBe(usual);
    expect(zone.isValid).toBe(true);
  });

  test.each(["Asia/Kolkata", "Asia/Calcutta", "Europe/Kyiv", "Europe/Kiev", "Asia/Kathmandu"])(
    "%s keeps its name, whichever is the official one",
    (name) => {
      expect(resolveZone(name).name).toBe(name);
      expect(resolveZone(name.toLowerCase()).name).toBe(name);
    },
  );

  test("every listed name is found in any case", () => {
    for (const name of Intl.supportedValuesOf("timeZone")) {
      expect(resolveZone(name.toUpperCase()).name).toBe(name);
    }
  });

  test.each([
    ["Berlin", "Europe/Berlin"],
    ["berlin", "Europe/Berlin"],
    ["Europe/Berlim", "Europe/Berlin"],
    ["Europe/Sydney", "Australia/Sydney"],
    ["new york", "America/New_York"],
    ["America/New York", "America/New_York"],
    ["Kolkata", "Asia/Kolkata"],
    ["ho chi minh", "Asia/Ho_Chi_Minh"],
    ["Sydny", "Australia/Sydney"],
  ])("%j is unknown, %s may be meant", (name, meant) => {
    expect(usageError(() => resolveZone(name))).toBe(
      `Unknown time zone "${name}".\nDid you mean ${meant}?`,
    );
    expect(resolveZone(meant).name).toBe(meant);
  });

  test.each(["BST", "IST", "PST", "Z", "local", "Etc/GMT-15", "Middle-earth/Bree", "/"])(
    "%j is unknown, nothing is like it",
    (name) => {
      expect(usageError(() => resolveZone(name))).toBe(
        `Unknown time zone "${name}".\n` +
          "Use an IANA name such as Europe/Berlin, America/New_York or UTC.",
      );
    },
  );

  test.each([
    ["+02:00", ", or Etc/GMT-2 for this offset all year"],
    ["-0500", ", or Etc/GMT+5 for this offset all year"],
    ["+02", ", or Etc/GMT-2 for this offset all year"],
    ["UTC+2", ", or Etc/GMT-2 for this offset all year"],
    ["GMT-10", ", or Etc/GMT+10 for this offset all year"],
    ["utc+0", ", or UTC for this offset all year"],
    ["+05:45", ""],
    ["-13:00", ""],
  ])("%s is an offset", (name, fixedZone) => {
    expect(usageError(() => resolveZone(name))).toBe(
      `Time zone "${name}" is an offset, not an IANA name.\n` +
        `Use a name such as Europe/Berlin, which follows summer time${fixedZone}.`,
    );
  });
});
