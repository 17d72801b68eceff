import { countOf } from "../../../count.js";
import { SparkyEventsError } from "../../../errors.js";
import type { ServerLog } from "../../../serve/server-log.js";
import { traceOf } from "../../failures/describe-failure.js";
import type { RunLog } from "../../log/run-log.js";

/** Tells of requests, a line each. */
export function createServerLog(log: RunLog): ServerLog {
  return {
    request(facts) {
      const { method, route, status, sent, milliseconds, events, key } = facts;
      const words = [
        `${method} ${route ?? "(no such path)"} ${status}${sent ? "" : " (cut off)"}`,
        `${milliseconds} ms`,
        ...(events === undefined ? [] : [countOf(events, "event")]),
        ...(key === undefined ? [] : [key]),
      ];
      log.write("info", "request", words.join(", "), {
        method,
        route: route ?? null,
        status,
        sent,
        milliseconds,
        events: events ?? null,
        key: key ?? null,
      });
    },
    failure(id, cause) {
      const known = cause instanceof SparkyEventsError;
      const text = withoutMailAddresses(known ? cause.message : traceOf(cause));
      log.write("error", "failure", `${id}: ${text}`, { id });
    },
    certificateRenewed() {
      log.write("info", "certificate", "The certificate was renewed.", { renewed: true });
    },
    certificateRefused(cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      log.write("error", "certificate", `The certificate stays the old one. ${reason}`, {
        renewed: false,
      });
    },
  };
}

/** Errors of a database may quote what was searched for. */
function withoutMailAddresses(text: string): string {
  return text.replaceAll(/[^\s"'<>(),;:/\\]+@[^\s"'<>(),;:/\\]+/g, "…@…");
}
