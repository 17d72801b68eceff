import type { ServerResponse } from "node:http";
import { type Answer, contentLength } from "./answer.js";

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    "content-length": contentLength(answer),
  });
  // Corked, the chunks reach the socket in one write.
  response.cork();
  for (const chunk of answer.chunks) {
    response.write(chunk);
  }
  response.uncork();
  response.end();
}
