import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { generateEvents } from "../../src/sandbox/generated-events.js";
import { newFolder, runCommand } from "../support/command.js";
import { nameStore, storeEngines } from "../support/event-stores.js";
import { randomNumbers, seed, times } from "../support/random-numbers.js";
import { type RealServer, startRealServer } from "../support/real-server.js";

const day = 86_400_000;
const minute = 60_000;
const clients = 32;
const rounds = times(3, 30);
/** Loads while clients are at it. */
const loads = times(1, 8);
const count = times(3_000, 60_000);

/** Clients of all kinds, who know what a server has to answer. */
class Crowd {
  readonly #server: RealServer;
  readonly #events: readonly { readonly time: number; readonly text: string }[];
  readonly #random: (below: number) => number;
  readonly #from: number;
  readonly #to: number;
  /** What each kind of client was told, by status. */
  readonly statuses = new Map<string, Set<number>>();

  constructor(
    server: RealServer,
    events: readonly { readonly time: number; readonly text: string }[],
    random: (below: number) => number,
    [from, to]: readonly [from: number, to: number],
  ) {
    this.#server = server;
    this.#events = events;
    this.#random = random;
    this.#from = from;
    this.#to = to;
  }

  async visit(): Promise<void> {
    const kinds = [
      ...[this.#walk, this.#walk, this.#countOnly, this.#legacy, this.#wrongKey],
      ...[this.#unknownParameter, this.#hangUp, this.#slow],
    ];
    await kinds[this.#random(kinds.length)]?.call(this);
  }

  /** All pages, to the last. */
  async #walk(): Promise<void> {
    const [from, to] = this.#range(day);
    const perPage = 50 + this.#random(2_000);
    const texts: string[] = [];
    let next: string | undefined =
      `/api/v1/events/message?from=${iso(from)}&to=${iso(to)}&per_page=${perPage}&cursor=initial`;
    while (next !== undefined) {
      const body = await this.#get("walk", next);
      const page = JSON.parse(body);
      expect(page.total_count).toBe(this.#expected(from, to).length);
      texts.push(resultsOf(body));
      next = page.links.next;
    }
    expect(texts.filter(Boolean).join(",")).toBe(this.#expected(from, to).join(","));
  }

  async #countOnly(): Promise<void> {
    const [from, to] = this.#range(8 * day);
    const body = await this.#get(
      "count",
      `/api/v1/events/message?from=${iso(from)}&to=${iso(to)}&per_page=1`,
    );
    expect(JSON.parse(body).total_count).toBe(this.#expected(from, to).length);
  }

  async #legacy(): Promise<void> {
    const [from, to] = this.#range(day / 2);
    // Its end is inclusive, to the minute.
    const search = `from=${iso(from).slice(0, 16)}&to=${iso(to - minute).slice(0, 16)}&per_page=300`;
    const ids: string[] = [];
    for (let page = 1, last = 1; page <= last; page++) {
      const body = JSON.parse(
        await this.#get("legacy", `/api/v1/message-events?${search}&page=${page}`),
      );
      last = Math.ceil(body.total_count / 300);
      ids.push(...body.results.map(({ event_id }: { event_id: string }) => event_id));
    }
    expect(ids).toEqual(this.#expected(from, to).map((text) => JSON.parse(text).event_id));
  }

  async #wrongKey(): Promise<void> {
    const { status } = await this.#fetch("/api/v1/events/message", "0".repeat(40));
    this.#note("wrong key", status);
    expect([401, 429]).toContain(status);
  }

  async #unknownParameter(): Promise<void> {
    const { status } = await this.#fetch("/api/v1/events/message?colour=red");
    this.#note("unknown parameter", status);
    expect(status).toBe(400);
  }

  /** Goes away before an answer, or in the midst of it. */
  async #hangUp(): Promise<void> {
    const socket = await this.#ask();
    if (this.#random(2) === 0) {
      await new Promise((resolve) => {
        socket.once("data", resolve).once("close", resolve);
      });
    }
    socket.destroy();
  }

  /** Takes an answer bit by bit. */
  async #slow(): Promise<void> {
    const socket = await this.#ask();
    let bytes = 0;
    let head = "";
    for await (const chunk of socket) {
      head ||= chunk.toString("latin1");
      bytes += chunk.length;
      await sleep(1 + this.#random(20));
    }
    const [, status = ""] = /^HTTP\/1\.1 (\d+)/.exec(head) ?? [];
    const [, length = ""] = /content-length: (\d+)/i.exec(head) ?? [];
    this.#note("slow", Number(status));
    expect(["200", "503"]).toContain(status);
    expect(bytes).toBe(head.indexOf("\r\n\r\n") + 4 + Number(length));
  }

  async #ask() {
    const { hostname, port } = new URL(this.#server.url);
    const socket = connect(Number(port), hostname).on("error", () => {});
    const search = `from=${iso(this.#from)}&to=${iso(this.#to)}&per_page=3000`;
    socket.write(
      `GET /api/v1/events/message?${search} HTTP/1.1\r\nhost: x\r\nauthorization: ${this.#server.key}\r\nconnection: close\r\n\r\n`,
    );
    return socket;
  }

  /** Asks again as long as it is told to. */
  async #get(kind: string, target: string): Promise<string> {
    for (;;) {
      const { status, body, retryAfter } = await this.#fetch(target);
      this.#note(kind, status);
      if (status === 200) {
        return body;
      }
      expect({ status, body, retryAfter }).toMatchObject({
        status: 503,
        retryAfter: expect.stringMatching(/^\d+$/),
      });
      await sleep(100);
    }
  }

  async #fetch(target: string, authorization = this.#server.key) {
    const response = await fetch(this.#server.url + target, { headers: { authorization } });
    const body = await response.text();
    return { status: response.status, body, retryAfter: response.headers.get("retry-after") };
  }

  #note(kind: string, status: number): void {
    const known = this.statuses.get(kind) ?? new Set();
    this.statuses.set(kind, known.add(status));
  }

  #range(longest: number): [from: number, to: number] {
    const length = minute * (1 + this.#random(longest / minute));
    const from =
      this.#from + minute * this.#random(Math.max(1, (this.#to - this.#from - length) / minute));
    return [from, Math.min(this.#to, from + length)];
  }

  #expected(from: number, to: number): string[] {
    return this.#events.filter(({ time }) => time >= from && time < to).map(({ text }) => text);
  }
}

function iso(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** The events of an answer, byte for byte. */
function resultsOf(body: string): string {
  return body.slice('{"results":['.length, body.lastIndexOf('],"total_count":'));
}

describe.each(storeEngines)("a server of a store in $engine", (harness) => {
  test(
    `answers ${clients} clients of all kinds while events are loaded (SEED=${seed})`,
    async () => {
      const random = randomNumbers(seed);
      const now = Math.floor(Date.now() / minute) * minute;
      const source = generateEvents({ events: count, seed, now });
      const events = Array.from({ length: source.length }, (_, index) => ({
        time: source.timestampOf(index),
        text: Buffer.concat(source.json(Uint32Array.of(index))).toString(),
      }));
      const cwd = await newFolder();
      const store = await nameStore(harness);
      const options = { cwd, env: store.env };
      const load = async (name: string, texts: readonly string[]) => {
        await writeFile(join(cwd, name), texts.map((text) => `${text}\n`).join(""));
        return await runCommand(["load", name, "--to", store.name], options);
      };
      // What is newer comes in while the clients are at it.
      const border = now - 2 * day;
      const older = events.filter(({ time }) => time < border);
      const newer = events.filter(({ time }) => time >= border);
      expect(
        await load(
          "older.jsonl",
          older.map(({ text }) => text),
        ),
      ).toMatchObject({ code: 0 });

      const server = await startRealServer(cwd, store);
      const crowd = new Crowd(server, older, random, [now - 10 * day, border]);
      let isLoaded = false;
      const visits = Promise.all(
        Array.from({ length: clients }, async () => {
          for (let round = 0; round < rounds || !isLoaded; round++) {
            await crowd.visit();
          }
        }),
      );
      const loading = (async () => {
        for (let index = 0; index < loads; index++) {
          const part = newer.filter((_, place) => place % loads === index);
          const loaded = await load(
            `${index}.jsonl`,
            part.map(({ text }) => text),
          );
          expect(loaded).toMatchObject({ code: 0 });
        }
      })().finally(() => {
        isLoaded = true;
      });
      await Promise.all([visits, loading]);

      // All that was loaded is found, and SIGTERM lets an answer come to its end.
      const all = `${server.url}/api/v1/events/message?from=${iso(now - 11 * day)}&to=${iso(now + day)}&per_page=5000`;
      const headers = { authorization: server.key };
      await expect
        .poll(async () => (await fetch(all, { headers })).status, { timeout: 20_000 })
        .toBe(200);
      const last = fetch(all, { headers });
      expect((await fetch(`${server.url}/api/v1/events/message`)).status).toBe(401);
      const memory = await readFile(`/proc/${server.pid}/status`, "utf8").catch(() => "");
      const stopped = server.stop();
      expect(JSON.parse(await (await last).text()).total_count).toBe(events.length);
      const { code, stderr } = await stopped;
      expect(code).toBe(0);
      expect(stderr).not.toMatch(/"event":"failure"|"status":500|Warning/);
      const [, peak = "0"] = /^VmHWM:\s+(\d+) kB/m.exec(memory) ?? [];
      expect(Number(peak)).toBeLessThan(600_000);
    },
    times(120_000, 1_200_000),
  );
});
