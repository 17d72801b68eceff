// What the modules that make trouble on a disk know of the run that they are in: the process, or one of
// the many that command-host.js runs in its own.
import { AsyncLocalStorage } from "node:async_hooks";
import { writeFileSync } from "node:fs";

const hostedRuns = new AsyncLocalStorage();
const never = new Promise(() => {});

/** A run that is killed changes nothing any more, whatever it is about to do. */
export class Run {
  /** What it is told by its environment. */
  env;
  /** How often it changed the disk. */
  changes = 0;
  #end;
  isKilled = false;
  #underWay = new Set();

  /** @param end makes it end as by `kill -9` */
  constructor(env, end) {
    this.env = env;
    this.#end = end;
  }

  /** Makes a change to the disk, unless the run is killed. */
  async change(act) {
    if (this.isKilled) {
      await never;
    }
    const change = act();
    this.#underWay.add(change);
    try {
      return await change;
    } finally {
      this.#underWay.delete(change);
      if (this.isKilled) {
        await never;
      }
    }
  }

  /**
   * Ends the run as `kill -9` does, from within a change or from without.
   *
   * @param afterwards is done to what the run leaves
   */
  async kill(afterwards = () => {}) {
    if (!this.isKilled) {
      this.isKilled = true;
      // What the system was asked for takes place.
      await Promise.allSettled(this.#underWay);
      afterwards();
      this.#end();
    }
    await never;
  }

  /** Tells how many changes there were, where somebody asks for it. */
  tellChanges() {
    if (this.env.CHANGES_FILE) {
      writeFileSync(this.env.CHANGES_FILE, String(this.changes));
    }
  }
}

const ofProcess = new Run(process.env, () => process.kill(process.pid, "SIGKILL"));

export function currentRun() {
  return hostedRuns.getStore() ?? ofProcess;
}

/** Does all that follows from an action in a run that is not that of the process. */
export function within(run, action) {
  return hostedRuns.run(run, action);
}

/** For a process that is one run. */
export function tellChangesAtExit() {
  process.on("exit", () => ofProcess.tellChanges());
}
