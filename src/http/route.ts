import type { IncomingMessage } from "node:http";
import type { Answer } from "./answer.js";

/** What somebody may be allowed to do. */
export type Permission = "search";

/** Who sent a request. */
export interface Caller {
  /** Goes into logs. */
  readonly name: string;
}

export interface RouteRequest {
  readonly parameters: URLSearchParams;
  /** Aborts when the exchange is over: all is sent, or nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/** A line of a server's table of routes. HEAD is answered as GET is, without the body. */
export interface Route {
  readonly method: "GET";
  /** The whole path. */
  readonly path: string;
  /** Who may call it. No route lacks this, so none is open by oversight. */
  readonly access: "everybody" | Permission;
  /** @throws HttpError */
  answer(request: RouteRequest): Answer | Promise<Answer>;
}

/**
 * Finds out who sent a request.
 *
 * @throws HttpError 401 where that is not known, 403 where the caller lacks the permission
 */
export type Authenticate = (
  request: IncomingMessage,
  permission: Permission,
) => Caller | Promise<Caller>;
