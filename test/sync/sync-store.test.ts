import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.js";
import { OutputError } from "../../src/errors.js";
import type { EventStore } from "../../src/store/event-store.js";
import { syncStore } from "../../src/sync/sync-store.js";
import { duckDb, newFolder, openAt } from "../store/store-harness.js";
import { ArchiveFixture, eventsFrom, key } from "../support/archive.js";

const now = "2026-11-20T01:15:00Z";
const days = ["2026-11-17", "2026-11-18", "2026-11-19"];

/** A sync of three days, of which a test knows when each is asked for, and decides how it is loaded. */
async function startScene(load: (scene: Scene, name: string) => Promise<void>) {
  const account = await ArchiveFixture.start(now, eventsFrom(`${days[0]}T00:30:00Z`, now));
  const store = await openAt(await duckDb.newAddress());
  const scene = new Scene();
  const connection = {
    apiKey: key,
    host: account.origin,
    clock: { ...systemClock, now: () => Date.parse(now) },
    fetch: (...[url, init]: Parameters<typeof fetch>) => scene.ask(String(url), init ?? {}),
    onRequest: () => scene.hear("asked"),
  };
  const slow = withLoad(store, async (batch) => {
    await load(scene, batch.period?.name ?? "");
    return await store.load(batch);
  });
  const work = join(await newFolder(), "work");
  const sync = () =>
    syncStore({
      connection,
      store: slow,
      work,
      days: days.length,
      onNotice: ({ type, ...facts }) => scene.hear(`${type} ${"name" in facts ? facts.name : ""}`),
    });
  return { scene, store, sync };
}

class Scene {
  /** What a run told, the same only once in a row. */
  readonly heard: string[] = [];
  readonly #asked = new Map<string, { readonly promise: Promise<void>; readonly done: () => void }>(
    days.map((day) => {
      let done = () => {};
      const promise = new Promise<void>((resolve) => {
        done = resolve;
      });
      return [day, { promise, done }];
    }),
  );
  /** Day of which a request is answered only by its end. */
  stuck: string | undefined;

  hear(what: string): void {
    if (this.heard.at(-1) !== what) {
      this.heard.push(what);
    }
  }

  async ask(url: string, init: RequestInit): Promise<Response> {
    const day = new URL(url).searchParams.get("from")?.slice(0, 10) ?? "";
    this.#asked.get(day)?.done();
    if (day === this.stuck) {
      await new Promise((_, reject) => {
        init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    }
    return await fetch(url, init);
  }

  async isAsked(day: string | undefined): Promise<void> {
    await this.#asked.get(day ?? "")?.promise;
  }
}

function withLoad(store: EventStore, load: EventStore["load"]): EventStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = name === "load" ? load : Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function dayAfter(name: string): string | undefined {
  return days[days.indexOf(name) + 1];
}

test("a day is exported while the one before it is loaded, and is told of in its turn", async () => {
  const { scene, store, sync } = await startScene((scene, name) => scene.isAsked(dayAfter(name)));
  const { exported } = await sync();
  expect(exported).toEqual(days);
  expect(scene.heard).toEqual(
    days.flatMap((day) => [`exporting ${day}`, "asked", `exported ${day}`]),
  );
  expect((await store.info()).events).toBe(3 * 24);
});

test("a load that fails ends the export of the next day, and is what the run fails with", async () => {
  const failure = new OutputError("The disk is full.");
  let fails = true;
  const { scene, store, sync } = await startScene(async (scene, name) => {
    await scene.isAsked(dayAfter(name));
    if (fails && name === days[1]) {
      throw failure;
    }
  });
  scene.stuck = days[2];
  await expect(sync()).rejects.toBe(failure);
  expect(scene.heard.slice(-3)).toEqual([`exported ${days[0]}`, `exporting ${days[1]}`, "asked"]);
  expect((await store.info()).events).toBe(24);
  scene.stuck = undefined;
  fails = false;
  expect((await sync()).exported).toEqual(days.slice(1));
  expect((await store.info()).events).toBe(3 * 24);
});
