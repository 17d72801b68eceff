import type { DuckDBConnection } from "@duckdb/node-api";

/** In milliseconds: an interruption is lost on a statement that has not begun yet. */
const betweenInterruptions = 20;

/** Interrupts what runs on a connection when a signal is aborted. */
export async function untilAborted<T>(
  connection: DuckDBConnection,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), betweenInterruptions);
  };
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    return await work();
  } finally {
    signal?.removeEventListener("abort", interrupt);
    clearInterval(timer);
  }
}
