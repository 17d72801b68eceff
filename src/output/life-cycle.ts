/** The life of an export's target, or of an export: it ends once, and nothing happens to it after that. */
export class LifeCycle {
  #state: "open" | "ending" | "ended" = "open";

  /** @throws Error where it is over: the program is wrong then */
  requireOpen(): void {
    if (this.#state !== "open") {
      throw new Error("the export is over, or about to be");
    }
  }

  /** Ends it as it should end. Where that fails, it is left to be abandoned. */
  async end<Result>(work: () => Promise<Result>): Promise<Result> {
    this.requireOpen();
    this.#state = "ending";
    const result = await work();
    this.#state = "ended";
    return result;
  }

  /** Ends it after a failure, that of another end included. */
  async abandon<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#state === "ended") {
      throw new Error("the export is over already");
    }
    this.#state = "ended";
    return work();
  }
}
