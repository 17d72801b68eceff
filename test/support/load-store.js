// A program of its own that opens a store, loads the files that it is given one by one, each as a period,
// and waits with the store open until its standard input ends.
import { basename } from "node:path";
import { openStore, parseStoreAddress } from "../../dist/index.js";

const [address = "", ...files] = process.argv.slice(2);
try {
  const store = await openStore(parseStoreAddress(address, false), { mode: "write", create: true });
  console.log("open");
  for (const [index, file] of files.entries()) {
    const from = Date.UTC(2026, 10, 1 + index);
    const period = {
      name: basename(file),
      from,
      to: from + 86_400_000,
      totalCount: null,
      exportedAt: 0,
      state: "complete",
      toolVersion: null,
    };
    const { added } = await store.load({ files: [file], fallbackTime: from, period });
    console.log(`added ${added}`);
  }
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.on("end", resolve));
  await store.close();
} catch (error) {
  console.log(`${error.name} ${error.exitCode}: ${error.message} ${error.hint ?? ""}`);
  process.exitCode = 1;
}
