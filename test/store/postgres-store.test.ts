import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { openStore } from "../../src/store/open-store.js";
import { parseStoreAddress } from "../../src/store/store-address.js";
import { writeStoreCsv } from "../support/store-csv.js";
import { newFolder, openAt, postgres } from "./store-harness.js";
import { startProgram } from "./store-program.js";

function eventsNamed(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      event_id: `${prefix}-${index}`,
      timestamp: new Date(Date.UTC(2026, 10, 1) + index).toISOString(),
      text: "x".repeat(500),
    }),
  );
}

test("twenty that open a new store at once all get it", async () => {
  const address = await postgres.newAddress();
  const stores = await Promise.all(Array.from({ length: 20 }, () => openAt(address)));

  expect(await Promise.all(stores.map((store) => store.count([{ start: 0, end: 1 }])))).toEqual(
    Array(20).fill([0]),
  );
  await Promise.all(stores.map((store) => store.close()));
});

test("programs that load the same at once add each event once", async () => {
  const address = await postgres.newAddress();
  const folder = await newFolder();
  const csv = await writeStoreCsv(folder, "same.csv", eventsNamed("a", 5000));
  const store = await openAt(address);
  const programs = [0, 1, 2].map(() => startProgram(address, [csv]));
  await Promise.all(programs.map((program) => program.next()));
  const said = await Promise.all(programs.map((program) => program.next()));

  expect(said.sort()).toEqual(["added 0", "added 0", "added 5000"]);
  expect((await store.info()).events).toBe(5000);
});

test("a sync has it to itself until it closes it", async () => {
  const address = await postgres.newAddress();
  const [first, second] = [await openAt(address), await openAt(address)];
  await first.reserve();
  await expect(second.reserve()).rejects.toMatchObject({
    exitCode: 75,
    message: expect.stringContaining("Another sync is at work on postgres://"),
  });
  await first.close();
  await second.reserve();
});

test("a wrong password, an unknown user or database, and rights that are missing, are told apart", async () => {
  const address = await postgres.newAddress();
  const secret = `secret-${randomUUID()}`;
  const role = `reader_${randomUUID().replaceAll("-", "")}`;
  await postgres.sql(address, `create role ${role} login password '${secret}'`);
  onTestFinished(async () => {
    await postgres.sql(address, `drop owned by ${role}; drop role ${role}`);
  });
  const addressWith = (change: (url: URL) => void) => {
    const url = new URL(address);
    change(url);
    return url.href;
  };
  const reader = addressWith((url) => Object.assign(url, { username: role, password: secret }));
  const failure = async (given: string, mode: "read" | "write" = "write") => {
    const error = await openAt(given, mode).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(JSON.stringify(error, ["name", "message", "hint", "exitCode"])).not.toContain(secret);
    return error;
  };

  expect(
    await failure(
      addressWith((url) => Object.assign(url, { username: role, password: `${secret}x` })),
    ),
  ).toMatchObject({ exitCode: 3, hint: expect.stringContaining("PGPASSWORD") });
  expect(await failure(addressWith((url) => Object.assign(url, { password: "" })))).toMatchObject({
    exitCode: 3,
  });
  expect(
    await failure(addressWith((url) => Object.assign(url, { pathname: "none" }))),
  ).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('database "none" does not exist'),
  });
  expect(await failure(reader)).toMatchObject({
    exitCode: 3,
    message: expect.stringContaining("permission denied"),
  });

  await (await openAt(address)).close();
  expect(await failure(reader, "read")).toMatchObject({ exitCode: 3 });
  await postgres.sql(
    address,
    `grant usage on schema sparky_events to ${role};
    grant select on all tables in schema sparky_events to ${role}`,
  );
  const store = await openAt(reader, "read");
  expect((await store.info()).events).toBe(0);
  await expect(store.writeFacts({ since: 1 })).rejects.toMatchObject({ exitCode: 3 });
  await store.close();
});

test("a server that is not there, or goes away during a load, is told, and nothing is left of that", async () => {
  const address = await postgres.newAddress();
  const unheard = createServer();
  await new Promise<void>((resolve) => unheard.listen(0, "127.0.0.1", resolve));
  const free = unheard.address();
  await new Promise((resolve) => unheard.close(resolve));
  const port = typeof free === "object" && free ? free.port : 0;
  await expect(openAt(`postgres://me@127.0.0.1:${port}/events`)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining("cannot be reached: connect ECONNREFUSED"),
  });

  const store = await openAt(address);
  const csv = await writeStoreCsv(await newFolder(), "long.csv", eventsNamed("a", 60_000));
  const batch = { files: [csv], fallbackTime: 0 };
  const loading = store.load(batch);
  const failed = expect(loading).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining("cannot be reached"),
  });
  await expect
    .poll(
      () =>
        postgres.sql(
          address,
          `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'sparky-events' and state = 'active'
            and query like 'copy batch%'`,
        ),
      { interval: 5 },
    )
    .not.toEqual([]);
  await failed;
  expect((await store.info()).events).toBe(0);
  expect(await store.load(batch)).toEqual({ events: 60_000, added: 60_000 });
});

test("one that can only be read is not written to", async () => {
  const address = await postgres.newAddress();
  const store = await openAt(address);
  const name = new URL(address).pathname.slice(1);
  await postgres.sql(address, `alter database ${name} set default_transaction_read_only = on`);
  await store.close();

  const reader = await openAt(address);
  await expect(reader.writeFacts({ since: 1 })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining("can only be read"),
  });
});

test("as many search at once as it was opened for, and others wait for them, but not how it is", async () => {
  const address = await postgres.newAddress();
  const writer = await openAt(address);
  await writer.load({
    files: [await writeStoreCsv(await newFolder(), "events.csv", eventsNamed("a", 50))],
    fallbackTime: 0,
  });
  const store = await openStore(parseStoreAddress(address, false), {
    mode: "read",
    create: false,
    searches: 6,
  });
  onTestFinished(() => store.close());
  const locker = new pg.Client({ connectionString: address });
  await locker.connect();
  onTestFinished(() => locker.end());
  await locker.query("begin; lock table sparky_events.events in access exclusive mode");
  const query = { from: 0, to: Date.UTC(2027, 0), types: undefined, filters: [], metadata: [] };
  const { signal } = new AbortController();
  const searches = Array.from({ length: 9 }, () =>
    store.find(query, { limit: 10, after: undefined }, signal),
  );
  const held = `select count(*)::integer as searches from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  await expect.poll(async () => (await postgres.sql(address, held))[0]?.searches).toBe(6);

  expect((await store.readFacts()).subaccounts).toEqual([]);
  await locker.query("rollback");
  const found = await Promise.all(searches);
  expect(found.map(({ events, totalCount }) => [events, totalCount])).toEqual(
    Array(9).fill([10, 50]),
  );
});
