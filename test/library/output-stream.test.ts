import { Writable, type WritableOptions } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { exportEvents, OutputError } from "../../src/index.js";
import { page, type Reply, startScriptedServer } from "../support/scripted-server.js";

const failure = new Error("the bucket is full");

/** A stream that fails as it is told to, and what it was given. */
function sink(options: WritableOptions = {}) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
    ...options,
  });
  return { stream, written };
}

async function exportTo(output: Writable, replies?: readonly Reply[], signal?: AbortSignal) {
  const server = await startScriptedServer(
    replies ?? [
      page([{ event_id: "1" }], {
        totalCount: 2,
        next: "/api/v1/events/message?cursor=2",
      }),
      page([{ event_id: "2" }], { totalCount: 2 }),
    ],
  );
  const outcome = await exportEvents({
    connection: { apiKey: "0123456789abcdef", host: server.origin, concurrency: 1, signal },
    search: { from: new Date("2026-11-19T00:00:00Z"), to: new Date("2026-11-20T00:00:00Z") },
    retention: Number.POSITIVE_INFINITY,
    columns: ["event_id"],
    output,
  }).catch((error: unknown) => error);
  return { outcome, requests: server.requests.length };
}

function listenersOf(stream: Writable): Record<string, number> {
  return Object.fromEntries(stream.eventNames().map((name) => [name, stream.listenerCount(name)]));
}

/** What the caller hears of a stream that an export has done with. */
async function laterErrorOf(stream: Writable): Promise<unknown> {
  const heard: unknown[] = [];
  const later = new Error("later");
  stream.on("error", (error) => heard.push(error));
  stream.emit("error", later);
  expect(stream.listenerCount("error")).toBe(1);
  return heard[0] === later;
}

test("after success it is the caller's again, and not ended", async () => {
  const { stream, written } = sink();
  const before = listenersOf(stream);
  const { outcome } = await exportTo(stream);
  expect(outcome).toMatchObject({ events: 2 });
  expect(written.join("")).toBe("event_id\n1\n2\n");
  expect(stream.writableEnded).toBe(false);
  expect(listenersOf(stream)).toEqual(before);
  expect(await laterErrorOf(stream)).toBe(true);
});

test("many exports to one leave nothing behind", async () => {
  const { stream } = sink();
  const before = listenersOf(stream);
  for (let exports = 0; exports < 12; exports++) {
    await exportTo(stream, [page([])]);
  }
  expect(listenersOf(stream)).toEqual(before);
});

const failing: Record<string, () => Writable> = {
  "at the first write": () => sink({ write: (_chunk, _encoding, done) => done(failure) }).stream,
  "at a later write": () => {
    let writes = 0;
    return sink({
      write: (_chunk, _encoding, done) => done(++writes === 2 ? failure : undefined),
    }).stream;
  },
  "by throwing": () =>
    sink({
      write() {
        throw failure;
      },
    }).stream,
  "a while after it was given something": () =>
    sink({ write: (_chunk, _encoding, done) => setTimeout(done, 5, failure) }).stream,
  "when it took all, with an error of its own": () => {
    let writes = 0;
    const { stream } = sink({
      write: (_chunk, _encoding, done) => {
        done();
        if (++writes === 3) {
          stream.destroy(failure);
        }
      },
    });
    return stream;
  },
  "without an answer to the write": () => {
    const { stream } = sink({ write: () => setImmediate(() => stream.destroy(failure)) });
    return stream;
  },
  "by an error event alone": () => {
    const { stream } = sink({
      write: () => setImmediate(() => stream.emit("error", failure)),
      autoDestroy: false,
    });
    return stream;
  },
  "slowly, since it has to close something": () =>
    sink({
      write: (_chunk, _encoding, done) => done(failure),
      destroy: (error, done) => setTimeout(done, 20, error),
    }).stream,
};

test.each(Object.entries(failing))("one that fails %s", async (_, make) => {
  const stream = make();
  const before = listenersOf(stream);
  const { outcome } = await exportTo(stream);
  expect(outcome).toBeInstanceOf(OutputError);
  expect(outcome).toMatchObject({
    message: "Could not write the output: the bucket is full.",
    cause: failure,
  });
  expect(listenersOf(stream)).toEqual(before);
  await turn();
  expect(await laterErrorOf(stream)).toBe(true);
});

test.each([1, 2, 3])("one that never answers to write %i holds up no stop", async (last) => {
  let writes = 0;
  const controller = new AbortController();
  const { stream } = sink({
    write(_chunk, _encoding, done) {
      if (++writes < last) {
        done();
      } else {
        setTimeout(() => controller.abort(failure), 20);
      }
    },
  });
  const before = listenersOf(stream);
  expect((await exportTo(stream, undefined, controller.signal)).outcome).toBe(failure);
  expect(listenersOf(stream)).toEqual(before);
});

test("one that failed before is refused before any request, with its error", async () => {
  const { stream } = sink();
  stream.once("error", () => {});
  stream.destroy(failure);
  await turn();
  const before = listenersOf(stream);
  const { outcome, requests } = await exportTo(stream);
  expect(outcome).toBeInstanceOf(OutputError);
  expect(outcome).toMatchObject({ cause: failure });
  expect({ requests, listeners: listenersOf(stream) }).toEqual({ requests: 0, listeners: before });
});

test.each<[string, (stream: Writable) => void, string]>([
  ["destroyed", (stream) => stream.destroy(), "the stream is closed already"],
  ["ended", (stream) => stream.end(), "the stream has been ended already"],
])("one that is %s is refused before any request", async (_, close, reason) => {
  const { stream } = sink();
  close(stream);
  const { outcome, requests } = await exportTo(stream);
  expect(outcome).toBeInstanceOf(OutputError);
  expect(outcome).toMatchObject({ message: `Could not write the output: ${reason}.` });
  expect(requests).toBe(0);
});

test("one whose reader goes away while it waits ends the export", async () => {
  const { stream } = sink({ write: () => setImmediate(() => stream.destroy()) });
  const { outcome } = await exportTo(stream);
  expect(outcome).toMatchObject({ name: "ClosedPipeError" });
  expect(stream.listenerCount("close")).toBe(0);
});

test("one is left alone by an export that fails for another reason", async () => {
  const { stream } = sink();
  const before = listenersOf(stream);
  const { outcome } = await exportTo(stream, [
    (_request, response) => response.writeHead(400).end("{}"),
  ]);
  expect(outcome).toMatchObject({ name: "RejectedRequestError" });
  expect({ listeners: listenersOf(stream), destroyed: stream.destroyed }).toEqual({
    listeners: before,
    destroyed: false,
  });
});
