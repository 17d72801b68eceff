import { type ArchiveFixture, key } from "./archive.js";
import type { NamedStore } from "./event-stores.js";

/** An account, and a database that its events are synced into. */
export class StoreScene {
  readonly account: ArchiveFixture;
  readonly store: NamedStore;

  constructor(account: ArchiveFixture, store: NamedStore) {
    this.account = account;
    this.store = store;
  }

  sync(...args: string[]) {
    return this.run(...this.#syncWords, ...args);
  }

  /** The same, as a process of its own. */
  startSync(...args: string[]) {
    return this.account.start([...this.#syncWords, ...args], this.env);
  }

  status(...args: string[]) {
    return this.run("status", "--store", this.store.name, ...args);
  }

  run(...args: string[]) {
    return this.account.run(args, this.env);
  }

  get env(): Record<string, string> {
    return { SPARKPOST_API_KEY: key, ...this.store.env };
  }

  get #syncWords(): string[] {
    return ["sync", "--host", this.account.origin, "--to", this.store.name];
  }
}
