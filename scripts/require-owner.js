// A release replaces the placeholder; without that, nothing is published.
import { readFile } from "node:fs/promises";

const { repository, bugs, homepage } = JSON.parse(
  await readFile(new URL("../package.json", import.meta.url), "utf8"),
);
if (JSON.stringify({ repository, bugs, homepage }).includes("/OWNER/")) {
  process.stderr.write(
    'package.json: put the owner of the repository in place of "OWNER" before a release.\n',
  );
  process.exitCode = 1;
}
