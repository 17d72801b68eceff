import type { IncomingMessage, ServerResponse } from "node:http";
import { descriptionPath } from "../../src/api/host-coverage.js";

/** Answers as SparkPost does where a server of this tool tells what it is; that counts as no request. */
export function hasNoDescription({ url }: IncomingMessage, response: ServerResponse): boolean {
  if (url !== descriptionPath) {
    return false;
  }
  response.writeHead(404).end();
  return true;
}
