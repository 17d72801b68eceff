import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { newFolder, runCommand } from "../support/command.js";
import { day } from "../support/days.js";
import { startRawServer } from "../support/raw-server.js";

const key = "0123456789abcdef0123456789abcdef01234567";

async function runThrough(proxy: string, variable = "HTTPS_PROXY", args: readonly string[] = []) {
  return runCommand(
    [day, "--host", "https://sparkpost.test", "--give-up-after", "1m", "-v", ...args],
    {
      cwd: await newFolder(),
      env: { SPARKPOST_API_KEY: key, [variable]: proxy },
      launcher: "fast",
    },
  );
}

test.each<[string, string | undefined]>([
  ["http://PROXY", undefined],
  ["PROXY", undefined],
  ["  HTTP://PROXY/ ", undefined],
  ["http://user:secret@PROXY", "user:secret"],
  ["user:secret@PROXY", "user:secret"],
  ["http://user:100%@PROXY", "user:100%"],
  ["http://user:50%off%zz@PROXY", "user:50%off%zz"],
  ["http://us%65r:se%2Fcr%25et@PROXY", "user:se/cr%et"],
  ["http://user:s%C3%A9cr%E9t@PROXY", "user:s\u00c3\u00a9cr\u00e9t"],
  ["http://domain%5Cuser:se:cret@PROXY", "domain\\user:se:cret"],
  ["http://user:se@cret@PROXY", "user:se@cret"],
  ["http://user@PROXY", "user:"],
])("the proxy %s is asked to connect", async (address, login) => {
  const proxy = await startRawServer(["HTTP/1.1 502 Bad Gateway\r\n\r\n"]);
  const { code, stderr } = await runThrough(address.replace("PROXY", proxy.host));
  expect({ code, stderr }).toEqual({
    code: 4,
    stderr: expect.stringContaining("the proxy answered with 502"),
  });
  const [request = ""] = proxy.requests;
  expect(request).toMatch(/^CONNECT sparkpost\.test:443 HTTP\/1\.1\r\n/);
  const [, sent] = /^proxy-authorization: Basic (.*)\r$/im.exec(request) ?? [];
  expect(sent && Buffer.from(sent, "base64").toString("latin1")).toBe(login);
  expect(stderr).not.toMatch(/secret|se.cret|100%|50%off|bug/);
  expect(request).not.toContain(key);
});

test.each([
  [
    "socks://user:secret@127.0.0.1:1",
    /^error: HTTPS_PROXY names a socks proxy; only http and https/,
  ],
  ["socks5h://user:secret@127.0.0.1:1", /^error: HTTPS_PROXY names a socks5h proxy/],
  ["ftp://127.0.0.1:1", /^error: HTTPS_PROXY names a ftp proxy/],
  ["not an address", /^error: HTTPS_PROXY is not the address of a proxy/],
  ["http://", /^error: HTTPS_PROXY is not the address/],
  ["proxy.example.com", /^error: HTTPS_PROXY is not the address/],
  [":8080", /^error: HTTPS_PROXY is not the address/],
  ["http://127.0.0.1:99999", /^error: HTTPS_PROXY is not the address/],
  ["http:127.0.0.1:8080", /^error: HTTPS_PROXY is not the address/],
  ["http://user:sec/ret@127.0.0.1:1", /^error: HTTPS_PROXY is not the address[\s\S]*%2F for \//],
  ["http://user:12/secret@127.0.0.1:1", /^error: HTTPS_PROXY has something behind the host/],
  ["http://127.0.0.1:1/proxy.pac", /^error: HTTPS_PROXY has something behind the host/],
])("the proxy %s is refused at once", async (address, message) => {
  for (const variable of ["HTTPS_PROXY", "https_proxy"]) {
    const { code, stderr } = await runThrough(address, variable);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/sec\/?ret|bug| at .*:\d+:\d+/);
  }
});

test("check names a proxy that is written without a scheme", async () => {
  const proxy = await startRawServer(["HTTP/1.1 502 Bad Gateway\r\n\r\n"]);
  const { code, stdout, stderr } = await runCommand(["check", "--host", "https://sparkpost.test"], {
    cwd: await newFolder(),
    env: { SPARKPOST_API_KEY: key, HTTPS_PROXY: `user:50%secret@${proxy.host}` },
    launcher: "fast",
  });
  expect(code).toBe(4);
  expect(stdout).toMatch(new RegExp(`Proxy +http://${proxy.host}, from HTTPS_PROXY`));
  expect(stdout + stderr).not.toContain("secret");
});

test("a proxy that is no address does not keep a failure out of the log", async () => {
  const hook = createServer((_, response) => response.end());
  hook.listen(0, "127.0.0.1");
  await once(hook, "listening");
  onTestFinished(() => void hook.close());
  const address = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  const { code, stderr } = await runCommand(
    ["sync", "--host", "https://sparkpost.test", "--log-format", "json", "--hook-fail", address],
    { cwd: await newFolder(), env: { SPARKPOST_API_KEY: key, HTTPS_PROXY: "socks://127.0.0.1" } },
  );
  expect(code).toBe(2);
  const lines = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual(expect.objectContaining({ event: "failed", exitCode: 2 }));
});
