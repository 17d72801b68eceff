import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { hasNoDescription } from "./no-description.js";

/** A server of pages of two events that answers when it is told to. */
export interface GatedServer {
  readonly origin: string;
  /** Number of requests so far. */
  readonly asked: number;
  /** Number of requests that wait for an answer. */
  readonly waiting: number;
  /** Number of events that are counted, and not sent. */
  missing: number;
  /** The CSV of all the events, by their ids. */
  readonly csv: string;
  /** Answers so many requests, of which some may still have to come. */
  readonly answer: (requests: number) => Promise<void>;
  /** Answers at once from now on. */
  readonly open: () => void;
}

export async function startGatedServer({ pages = 3, missing = 0 } = {}): Promise<GatedServer> {
  const waiting: { answer: () => void; isOver: () => boolean }[] = [];
  let asked = 0;
  let isOpen = false;
  const ids = (page: number) => [`${page}-1`, `${page}-2`];
  const gate = {
    missing,
    csv: `event_id\n${Array.from({ length: pages }, (_, index) => ids(index + 1))
      .flat()
      .map((id) => `${id}\n`)
      .join("")}`,
    get asked() {
      return asked;
    },
    get waiting() {
      return waiting.filter(({ isOver }) => !isOver()).length;
    },
    async answer(requests: number) {
      for (let left = requests; left > 0; ) {
        const next = waiting.shift();
        if (next === undefined) {
          await once(server, "waiting");
        } else if (!next.isOver()) {
          next.answer();
          left -= 1;
        }
      }
    },
    open() {
      isOpen = true;
      for (const { answer } of waiting.splice(0)) {
        answer();
      }
    },
  };
  const server = createServer((request, response) => {
    if (hasNoDescription(request, response)) {
      return;
    }
    asked += 1;
    const cursor = new URL(request.url ?? "", "http://localhost").searchParams.get("cursor");
    const page = cursor === "initial" ? 1 : Number(cursor);
    const answer = () =>
      response.end(
        JSON.stringify({
          results: ids(page).map((event_id) => ({ type: "open", event_id })),
          total_count: 2 * pages + gate.missing,
          links: page < pages ? { next: `/api/v1/events/message?cursor=${page + 1}` } : {},
        }),
      );
    if (isOpen) {
      answer();
    } else {
      waiting.push({ answer, isOver: () => response.closed });
      server.emit("waiting");
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(gate, { origin });
}
