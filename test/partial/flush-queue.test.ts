import { describe, expect, test } from "vitest";
import { type Flushable, FlushQueue } from "../../src/partial/flush-queue.js";

/** A file whose flushes end when they are told to, and what happened to it and its like, in order. */
class SlowFile implements Flushable {
  readonly #name: string;
  readonly #events: string[];
  #end: (error?: Error) => void = () => {};

  constructor(name: string, events: string[]) {
    this.#name = name;
    this.#events = events;
  }

  sync(): Promise<void> {
    this.#events.push(`flush ${this.#name}`);
    return new Promise((resolve, reject) => {
      this.#end = (error) => (error ? reject(error) : resolve());
    });
  }

  /** Ends the flush, and lets everything happen that follows from that. */
  async end(error?: Error): Promise<void> {
    this.#end(error);
    await idle();
  }
}

const idle = () => new Promise((resolve) => setImmediate(resolve));

function start() {
  const events: string[] = [];
  const queue = new FlushQueue();
  return {
    events,
    queue,
    file: (name: string) => new SlowFile(name, events),
    add: (file: Flushable, name: string) =>
      queue.add(file, async () => {
        events.push(`record ${name}`);
      }),
  };
}

describe("a queue of flushes", () => {
  test("puts on record what is flushed, and not before", async () => {
    const { add, events, file, queue } = start();
    const one = file("one");
    const recorded = add(one, "one").then(() => events.push("told"));
    await idle();
    expect(events).toEqual(["flush one"]);
    await one.end();
    await recorded;
    await queue.settled();
    expect(events).toEqual(["flush one", "record one", "told"]);
  });

  test("flushes one file at a time, and those that came meanwhile in a round of their own", async () => {
    const { add, events, file } = start();
    const [one, two, three] = [file("one"), file("two"), file("three")];
    add(one, "one");
    add(two, "a");
    add(three, "b");
    // The same file as before: one flush is enough for both.
    add(two, "c");
    await one.end();
    expect(events.splice(0)).toEqual(["flush one", "record one", "flush two"]);
    await two.end();
    expect(events.splice(0)).toEqual(["flush three"]);
    await three.end();
    expect(events.splice(0)).toEqual(["record a", "record b", "record c"]);
  });

  test("begins a new round after it was empty", async () => {
    const { add, events, file } = start();
    const one = file("one");
    add(one, "one");
    await one.end();
    add(one, "again");
    await one.end();
    expect(events).toEqual(["flush one", "record one", "flush one", "record again"]);
  });

  test("waits with what comes next until a record is written", async () => {
    const { events, file, queue } = start();
    let end = () => {};
    const [one, two] = [file("one"), file("two")];
    queue.add(one, () => new Promise((resolve) => (end = resolve)));
    queue.add(two, async () => {});
    await one.end();
    expect(events).toEqual(["flush one"]);
    end();
    await idle();
    expect(events).toEqual(["flush one", "flush two"]);
  });

  test("holds up whoever adds more than eight that wait", async () => {
    const { add, events, file, queue } = start();
    const one = file("one");
    for (let entry = 1; entry <= 8; entry++) {
      add(one, `${entry}`);
    }
    await queue.backPressure();
    add(one, "9");
    const room = queue.backPressure().then(() => events.push("room"));
    await idle();
    expect(events).toEqual(["flush one"]);
    await one.end();
    await room;
    expect(events).toContain("room");
  });
});

describe.each([
  ["a flush", "flush"],
  ["a record", "record"],
])("once %s has failed", (_, kind) => {
  test("nothing that comes after it comes on record, and everyone who waits hears of it", async () => {
    const { add, events, file, queue } = start();
    const failure = new Error("the disk is gone");
    const [one, two, three] = [file("one"), file("two"), file("three")];
    const before = add(one, "one");
    const failed =
      kind === "flush"
        ? add(two, "two")
        : queue.add(two, async () => {
            throw failure;
          });
    const after = add(three, "three");
    await one.end();
    await two.end(kind === "flush" ? failure : undefined);
    await three.end();
    const later = add(one, "later");
    expect(await Promise.allSettled([before, failed, after, later, queue.settled()])).toEqual([
      { status: "fulfilled", value: undefined },
      ...Array(4).fill({ status: "rejected", reason: failure }),
    ]);
    expect(events.filter((event) => event.startsWith("record"))).toEqual(["record one"]);
    await expect(
      (async () => {
        for (let entry = 0; entry < 9; entry++) {
          add(one, "much later");
          await queue.backPressure();
        }
      })(),
    ).rejects.toBe(failure);
  });
});
