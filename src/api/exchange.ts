import type { PageBuffer } from "../page-buffer.js";

/** One request and its answer: the edge to the network, without redirects and retries. */
export interface Exchange {
  /**
   * Sends a GET request and receives the whole answer, unpacked, into `body`.
   *
   * @param heard called whenever something arrives
   * @throws NetworkFailure, or the reason of the request's signal
   */
  send(request: Request, body: PageBuffer, heard: () => void): Promise<Head>;
  close(): void;
}

export interface Request {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface Head {
  readonly status: number;
  readonly header: Header;
}

/** @param name in lower case */
export type Header = (name: string) => string | undefined;

/** The network did not carry a request there, or the answer back; its cause says why. */
export class NetworkFailure extends Error {
  override name = "NetworkFailure";

  constructor(cause: unknown) {
    super("the network failed", { cause });
  }
}

/** The largest pages are of about 15 MB. */
const mostReserved = 32 << 20;

/** Makes room for a body. */
export function clearFor(header: Header, body: PageBuffer): void {
  // Packed, the length says nothing; and it is for the body to prove how long it is.
  const packed = header("content-encoding") !== undefined;
  const announced = packed ? 0 : Number(header("content-length") ?? 0);
  body.clear(announced <= mostReserved ? announced : 0);
}
