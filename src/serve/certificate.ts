import { readFile, stat } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { UsageError } from "../errors.js";
import { readFailure } from "../files/errno.js";

/** Paths of a certificate with its chain, and of its private key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** @throws UsageError where one cannot be read, or they do not belong together */
export async function readCertificate(files: CertificateFiles): Promise<Certificate> {
  const certificate = { cert: await read(files.cert), key: await read(files.key) };
  try {
    createSecureContext(certificate);
  } catch (error) {
    throw new UsageError(`${files.cert} and ${files.key} are no certificate and its key.`, {
      hint: "Both are PEM files; the key has no passphrase, and belongs to the first certificate in the other file.",
      cause: error,
    });
  }
  return certificate;
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${readFailure(error)}.`, { cause: error });
  }
}

/** Tells of each state of the files that has not been told of. */
export class CertificateWatch {
  readonly #files: CertificateFiles;
  #look: string;

  private constructor(files: CertificateFiles, look: string) {
    this.#files = files;
    this.#look = look;
  }

  /** Begins with the files as they are. */
  static async begin(files: CertificateFiles): Promise<CertificateWatch> {
    return new CertificateWatch(files, await lookOf(files));
  }

  /**
   * @returns the certificate, where the files have changed
   * @throws UsageError once, where they have changed to what is no certificate and its key: the one may
   *   be written before the other
   */
  async changed(): Promise<Certificate | undefined> {
    const look = await lookOf(this.#files);
    if (look === this.#look) {
      return undefined;
    }
    this.#look = look;
    return await readCertificate(this.#files);
  }
}

async function lookOf({ cert, key }: CertificateFiles): Promise<string> {
  const looks = await Promise.all(
    [cert, key].map(async (path) => {
      const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
      return [ino, size, mtimeNs, ctimeNs].join(" ");
    }),
  ).catch(() => ["absent"]);
  return looks.join("; ");
}
