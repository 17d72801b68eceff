/** One request and its answer: the edge to the network, without redirects and retries. */
export interface Exchange {
  /**
   * Sends a GET request and receives the whole answer, unpacked.
   *
   * @param bodyOf tells from the head of the answer where its body goes
   * @throws NetworkFailure, the reason of the request's signal, or what the sink threw
   */
  send(request: Request, bodyOf: (head: Head) => BodySink): Promise<Head>;
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

/**
 * Takes the body of an answer as it arrives, without ever making it wait: a connection may break at any
 * time, and a server hangs up on a client that does not read. What it throws ends the request.
 */
export interface BodySink {
  /** @param expected size of the body, where it is known, else 0 */
  begin(expected: number): void;
  /** @param chunk may be used for something else afterwards */
  write(chunk: Uint8Array): void;
}

/** @param name in lower case */
export type Header = (name: string) => string | undefined;

/** The network did not carry a request there, or the answer back; its cause says why. */
export class NetworkFailure extends Error {
  override name = "NetworkFailure";

  constructor(
    cause: unknown,
    /** Whether the head of an answer had arrived. */
    readonly answered: boolean,
  ) {
    super("the network failed", { cause });
  }
}

/** Size of the unpacked body as the head announces it, or 0. */
export function expectedSize(header: Header): number {
  // Packed, the length says nothing.
  const packed = header("content-encoding") !== undefined;
  return packed ? 0 : Number(header("content-length") ?? 0) || 0;
}
