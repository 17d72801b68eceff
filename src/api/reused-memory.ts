import type { Agent, IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** As much as Node reads at once. */
const readSize = 64 * 1024;

interface ConnectingAgent extends Agent {
  createConnection(options: object, callback: unknown): Socket;
}

/**
 * Lets the connections of an agent read into the same memory again and again. Otherwise each 64 kB are
 * in memory of their own, and a page of 14 MB makes V8 collect garbage.
 */
export class ReusedMemory {
  /** The answer that each connection receives, where pieces of it are used up as they arrive. */
  readonly #usedUp = new WeakMap<Socket, IncomingMessage>();

  constructor(agents: readonly Agent[]) {
    for (const agent of agents as readonly ConnectingAgent[]) {
      const create = agent.createConnection.bind(agent);
      agent.createConnection = (options, callback) => {
        const buffer = Buffer.allocUnsafeSlow(readSize);
        const onread = { buffer, callback: (length: number) => arrive(length) };
        const socket = create({ ...options, onread }, callback);
        const arrive = (length: number): boolean => {
          const piece = buffer.subarray(0, length);
          socket.emit("data", this.#isUsedUp(socket) ? piece : Buffer.from(piece));
          return true;
        };
        return socket;
      };
    }
  }

  /** @param response whose pieces nobody keeps; from now on they may be in memory that is used again */
  useUp(response: IncomingMessage): void {
    this.#usedUp.set(response.socket, response);
  }

  /** Whether what arrives now goes straight to somebody who does not keep it. */
  #isUsedUp(socket: Socket): boolean {
    const response = this.#usedUp.get(socket);
    return (
      response !== undefined &&
      !response.complete &&
      response.readableFlowing === true &&
      response.readableLength === 0
    );
  }
}
