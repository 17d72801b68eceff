import type { ServerResponse } from "node:http";
import { type Answer, contentLength } from "../http/answer.js";
import { sendAnswer } from "../http/send.js";
import type { BrokenAnswer } from "./faults.js";

/** Sends the answer, unless it is one that breaks the connection. */
export function sendSpoilt(response: ServerResponse, answer: Answer | BrokenAnswer): void {
  if (!("breaks" in answer)) {
    sendAnswer(response, answer);
    return;
  }
  if (answer.breaks === "connection reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  const length = contentLength(answer);
  response.writeHead(answer.status, { ...answer.headers, "content-length": length });
  const body = Buffer.concat(answer.chunks);
  response.write(body.subarray(0, Math.floor(length / 2)), () => response.destroy());
}
