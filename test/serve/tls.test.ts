import { writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { newFolder } from "../support/command.js";
import { selfSigned } from "../support/self-signed.js";
import { startTestServer, type TestServer } from "../support/test-server.js";

/** A clock whose waits are over when the test says so. */
class SteppedClock {
  readonly #waits: (() => void)[] = [];

  now = () => Date.now();

  sleep = (_: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      this.#waits.push(resolve);
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });

  step(): void {
    for (const resolve of this.#waits.splice(0)) {
      resolve();
    }
  }
}

async function startTlsServer(name: string) {
  const folder = await newFolder();
  const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const write = async (pair: { cert?: string; key?: string }) => {
    if (pair.cert) await writeFile(files.cert, pair.cert);
    if (pair.key) await writeFile(files.key, pair.key);
  };
  await write(selfSigned(name));
  const clock = new SteppedClock();
  const server = await startTestServer({ tls: files, clock });
  return { server, write, clock };
}

/** Who the server says that it is, to a new connection. */
function nameOf({ url }: TestServer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: "127.0.0.1",
      port: Number(new URL(url).port),
      rejectUnauthorized: false,
    });
    socket.once("error", reject).once("secureConnect", () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
  });
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

test("answers over TLS, and over nothing else", async () => {
  const { server } = await startTlsServer("first");
  expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const status = await new Promise((resolve, reject) => {
    request(`${server.url}/healthz`, { rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
  expect(status).toBe(200);
  await expect(fetch(`${server.url.replace("https", "http")}/healthz`)).rejects.toThrow();
});

test("takes a certificate that was renewed, without a restart", async () => {
  const { server, write, clock } = await startTlsServer("first");
  expect(await nameOf(server)).toBe("first");
  await write(selfSigned("second"));
  expect(await nameOf(server)).toBe("first");
  clock.step();
  await until(() => server.certificates.length === 1);
  expect(await nameOf(server)).toBe("second");
  expect(server.certificates).toEqual(["renewed"]);
});

test("keeps the old one until both files belong together", async () => {
  const { server, write, clock } = await startTlsServer("first");
  const { cert, key } = selfSigned("second");
  await write({ cert });
  clock.step();
  await until(() => server.certificates.length === 1);
  expect(await nameOf(server)).toBe("first");
  await write({ key });
  clock.step();
  await until(() => server.certificates.length === 2);
  expect(await nameOf(server)).toBe("second");
  expect(server.certificates).toEqual(["refused", "renewed"]);
});

test.each([
  ["cert", "no certificate"],
  ["key", "no key"],
] as const)("does not start with a %s that is none", async (file, text) => {
  const folder = await newFolder();
  const tls = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const pair = { ...selfSigned("first"), [file]: text };
  await writeFile(tls.cert, pair.cert);
  await writeFile(tls.key, pair.key);
  await expect(startTestServer({ tls })).rejects.toThrow("are no certificate and its key");
});
