import type { ServerResponse } from "node:http";
import { type Answer, contentLength } from "./answer.js";
import type { Fault } from "./faults.js";

/** Sends the answer, unless the fault is one that breaks the connection. */
export function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
): void {
  if (fault === "connection reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  const length = contentLength(answer);
  response.writeHead(answer.status, { ...answer.headers, "content-length": length });
  if (fault === "cut body") {
    const body = Buffer.concat(answer.chunks);
    response.write(body.subarray(0, Math.floor(length / 2)), () => response.destroy());
    return;
  }
  // Corked, the chunks reach the socket in one write.
  response.cork();
  for (const chunk of answer.chunks) response.write(chunk);
  response.uncork();
  response.end();
}
