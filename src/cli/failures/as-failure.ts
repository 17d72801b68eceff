import { OutputError } from "../../errors.js";
import { isSystemError, readFailure } from "../../files/errno.js";

/** What was tried, by system call. */
const attempts: Readonly<Record<string, string>> = {
  access: "look at",
  close: "close",
  copyfile: "copy",
  fdatasync: "write",
  fstat: "look at",
  fsync: "write",
  ftruncate: "shorten",
  link: "name",
  lstat: "look at",
  mkdir: "make",
  mkdtemp: "make",
  open: "open",
  opendir: "read",
  read: "read",
  readlink: "read",
  realpath: "look at",
  rename: "rename",
  rmdir: "remove",
  scandir: "read",
  stat: "look at",
  symlink: "make",
  unlink: "remove",
  utime: "change",
  write: "write",
};

/** What only this program can have done wrong. */
const ownFaults = ["EBADF", "EFAULT", "EINVAL"];

/**
 * What ends a command. The operating system may refuse any file at any moment, which is no bug
 * wherever it happens.
 */
export function asFailure(error: unknown): unknown {
  if (!isSystemError(error) || ownFaults.includes(error.code ?? "")) {
    return error;
  }
  const attempt = Object.hasOwn(attempts, error.syscall ?? "") && attempts[error.syscall ?? ""];
  return attempt
    ? new OutputError(`Could not ${attempt} ${error.path ?? "a file"}: ${readFailure(error)}.`, {
        cause: error,
      })
    : error;
}
