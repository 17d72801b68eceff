import { describe, expect, test } from "vitest";
import { EVENTS_PATH, LEGACY_PATH, makeSource, useSandbox } from "./sandbox-client.js";

const sandbox = useSandbox(makeSource(50));

const everyPath = [
  EVENTS_PATH,
  LEGACY_PATH,
  `${EVENTS_PATH}/documentation`,
  `${EVENTS_PATH}/samples`,
];

async function errorOf(response: Response): Promise<unknown> {
  return ((await response.json()) as { errors: unknown[] }).errors[0];
}

describe.each(everyPath)("%s", (path) => {
  test.each([{}, { authorization: "" }, { authorization: "unauthorized" }])(
    "answers 401 to %j",
    async (headers) => {
      const response = await sandbox.get(path, { headers });
      expect(response.status).toBe(401);
      expect(await errorOf(response)).toEqual({ message: "Unauthorized." });
    },
  );

  test("answers 403 to a key without the grant", async () => {
    const response = await sandbox.get(path, { headers: { authorization: "forbidden" } });
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toEqual({ message: "Forbidden." });
  });

  test("answers HEAD as GET, without the body", async () => {
    const [head, get] = [await sandbox.get(path, withMethod("HEAD")), await sandbox.get(path)];
    expect(head.status).toBe(200);
    expect(await head.text()).toBe("");
    expect(head.headers.get("content-length")).toBe(String((await get.arrayBuffer()).byteLength));
    expect(get.headers.get("content-type")).toBe("application/json");
  });

  test.each(["POST", "PUT", "DELETE"])("answers 405 to %s", async (method) => {
    expect((await sandbox.get(path, withMethod(method))).status).toBe(405);
  });

  test("refuses a parameter that it does not know", async () => {
    const response = await sandbox.get(`${path}?colour=red`);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toEqual({
      message: "Invalid parameter",
      description: "Unknown parameter: colour",
    });
  });
});

test.each(["/", "/api/v1/events", "/api/v1/events/message/", "/api/v1/events/messages?x=1"])(
  "answers 404 to %s",
  async (path) => {
    const response = await sandbox.get(path);
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toEqual({ message: "Resource could not be found" });
  },
);

test.each([
  [4096, 200],
  [4097, 414],
  [40_000, 414],
])("a URI of %i characters gets %i", async (length, status) => {
  const { url } = await sandbox.get("/");
  const start = `${EVENTS_PATH}?campaigns=`;
  const target = start + "x".repeat(length - (url.length - 1) - start.length);
  expect((await sandbox.get(target)).status).toBe(status);
});

describe("bad parameters", () => {
  test.each([
    "per_page=0",
    "per_page=10001",
    "per_page=1.5",
    "per_page=ten",
    "per_page=",
    "per_page=10&per_page=20",
    "from=yesterday",
    "from=2026-03-30",
    "from=2026-03-30T00:00:00",
    "from=2026-03-30T00:00",
    "from=2026-03-30T00:00:00.000Z",
    "from=2026-03-30T00:00:00%2B00:00",
    "from=2026-02-30T00:00:00Z",
    "to=2026-03-30T25:00:00Z",
    "to=",
    "from=2026-03-31T00:00:00Z&to=2026-03-30T00:00:00Z",
    "from=2026-04-01T00:00:00Z",
    "events=",
    "events=open,,click",
    "campaigns=",
    "delimiter=&events=open",
    "ab_test_versions=1",
    "timezone=UTC",
    "page=1",
    "campaign_ids=x",
  ])("%s is refused by the Events API", async (query) => {
    expect((await sandbox.get(`${EVENTS_PATH}?${query}`)).status).toBe(400);
  });

  test.each([
    "per_page=0",
    "per_page=10001",
    "page=0",
    "page=-1",
    "page=x",
    "timezone=Mars/Olympus",
    "timezone=",
    "from=2026-03-30T00:00:00Z",
    "from=2026-03-30T00:00Z",
    "from=2026-03-30",
    "to=2026-02-30T00:00",
    "from=2026-03-30T00:01&to=2026-03-30T00:00",
    "ab_test_versions=1",
    "cursor=initial",
    "campaigns=x",
  ])("%s is refused by the legacy API", async (query) => {
    expect((await sandbox.get(`${LEGACY_PATH}?${query}`)).status).toBe(400);
  });
});

function withMethod(method: string): RequestInit {
  return { method, headers: { authorization: "any key" } };
}
