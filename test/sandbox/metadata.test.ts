import { expect, test } from "vitest";
import { eventSamples, eventTypes } from "../../src/catalog/event-catalog.js";
import { EVENTS_PATH, type Event, makeSource, useSandbox } from "./sandbox-client.js";

const sandbox = useSandbox(makeSource(1));

async function resultsOf(path: string): Promise<Event[]> {
  const body = (await (await sandbox.get(EVENTS_PATH + path)).json()) as { results: Event[] };
  expect(Object.keys(body)).toEqual(["results"]);
  return body.results;
}

test("the documentation describes each property of each event type", async () => {
  const results = await resultsOf("/documentation");
  expect(results.length).toBe(18);
  for (const [i, entry] of results.entries()) {
    expect(Object.keys(entry)).toEqual(eventTypes[i]!.properties);
    expect(entry.type).toEqual({
      description: "Name of the event type.",
      sampleValue: eventTypes[i]!.type,
    });
    for (const property of Object.values(entry)) {
      expect(property).toEqual({
        description: expect.stringMatching(/./),
        sampleValue: expect.anything(),
      });
    }
  }
});

test("there is a sample of each event type", async () => {
  expect(await resultsOf("/samples")).toEqual(eventSamples);
});

test("samples can be limited to some event types", async () => {
  const results = await resultsOf("/samples?events=click,bounce,unheard_of");
  expect(results.map(({ type }) => type)).toEqual(["bounce", "click"]);
});
