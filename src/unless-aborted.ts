/**
 * Waits for what is written: a reader that does not read must not hold up a stop.
 *
 * @throws the signal's reason, or what the work threw
 */
export async function unlessAborted(
  work: Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) {
      abort();
    }
  });
  await Promise.race([work, aborted]).finally(() => signal?.removeEventListener("abort", abort));
}
