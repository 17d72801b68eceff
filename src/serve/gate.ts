/** Lets so many pass at once; others wait for a while. */
export class Gate {
  readonly #most: number;
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * @param patience longest wait, in milliseconds
   * @returns what to call when it is over, once; undefined where the wait was too long
   */
  async enter(patience: number, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (this.#inside < this.#most) {
      this.#inside++;
      return () => this.#leave();
    }
    const isIn = await this.#wait(patience, signal);
    return isIn ? () => this.#leave() : undefined;
  }

  async #wait(patience: number, signal: AbortSignal): Promise<boolean> {
    return await new Promise<boolean>((resolve) => {
      const enter = (): void => settle(true);
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        settle(false);
      };
      const settle = (isIn: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        resolve(isIn);
      };
      const timer = setTimeout(giveUp, patience);
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiting.push(enter);
      if (signal.aborted) {
        giveUp();
      }
    });
  }

  /** Whoever waits takes the place at once, so that nobody else can. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) {
      next();
    } else {
      this.#inside--;
    }
  }
}
