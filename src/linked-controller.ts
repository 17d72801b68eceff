import { setMaxListeners } from "node:events";

/** A controller that also aborts when `signal` does. */
export function linkedController(signal: AbortSignal | undefined) {
  const controller = new AbortController();
  // Each request and each worker listens.
  setMaxListeners(0, controller.signal);
  const pass = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) {
    pass();
  }
  signal?.addEventListener("abort", pass, { once: true });
  return Object.assign(controller, { unlink: () => signal?.removeEventListener("abort", pass) });
}
