import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { KeyRing } from "../access/key-ring.js";
import { permissions } from "../access/roles.js";
import { HttpError } from "../http/answer.js";
import type { Authenticate } from "../http/route.js";
import type { WrongKeys } from "./wrong-keys.js";

export interface AuthenticateOptions {
  readonly keys: KeyRing;
  readonly wrongKeys: WrongKeys;
  /** Whether the last address of X-Forwarded-For is that of the client. */
  readonly behindProxy: boolean;
}

/** Takes keys as SparkPost does, alone in the header, or behind `Bearer`. */
export function createAuthenticate({
  keys,
  wrongKeys,
  behindProxy,
}: AuthenticateOptions): Authenticate {
  return async (request, permission) => {
    const key = (request.headers.authorization ?? "").replace(/^Bearer +/i, "").trim();
    if (key === "") {
      throw refusal(0);
    }
    const entry = await keys.find(key);
    if (!entry) {
      throw refusal(wrongKeys.count(addressOf(request, behindProxy)));
    }
    if (!permissions[entry.role].includes(permission)) {
      throw new HttpError(403, "Forbidden.");
    }
    return { name: entry.name };
  };
}

function refusal(wait: number): HttpError {
  return wait > 0
    ? new HttpError(429, "Too many wrong keys", { headers: { "retry-after": String(wait) } })
    : new HttpError(401, "Unauthorized.", { headers: { "www-authenticate": "Bearer" } });
}

/** What stands further left in the header is what the client says of itself. */
function addressOf({ headers, socket }: IncomingMessage, behindProxy: boolean): string {
  const forwarded = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",").at(-1)?.trim();
  return behindProxy && forwarded !== undefined && isIP(forwarded) !== 0
    ? forwarded
    : (socket.remoteAddress ?? "");
}
