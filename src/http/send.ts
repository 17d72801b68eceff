import type { ServerResponse } from "node:http";
import { type Answer, contentLength } from "./answer.js";

/** @param onTaken called when the system has taken the whole of the answer, and not otherwise */
export function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  onTaken: () => void = () => {},
): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    "content-length": contentLength(answer),
  });
  const { length } = answer.chunks;
  const { socket } = response;
  // Corked, the chunks reach the socket in one write.
  response.cork();
  for (const [index, chunk] of answer.chunks.entries()) {
    response.write(chunk, (error) => {
      // For a connection that was ended meanwhile, this comes without an error, as "finish" does.
      if (!error && !socket?.destroyed && index === length - 1) {
        onTaken();
      }
    });
  }
  response.uncork();
  response.end();
}
