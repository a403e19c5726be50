import { Fault, isFault, type FaultCode } from '../faults.js';

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const CODES: Record<string, readonly [FaultCode, string]> = {
  EACCES: ['LB_STORE_DENIED', 'permission denied'],
  EPERM: ['LB_STORE_DENIED', 'operation not permitted'],
  EROFS: ['LB_STORE_DENIED', 'the file system is read-only'],
  ENOSPC: ['LB_STORE_REFUSED', 'no space is left'],
  EDQUOT: ['LB_STORE_REFUSED', 'the disk quota is used up'],
  EFBIG: ['LB_STORE_REFUSED', 'the file is too large for the file system'],
  ENAMETOOLONG: ['LB_STORE_REFUSED', 'the path is too long for the file system'],
  EISDIR: ['LB_STORE_REFUSED', 'a folder of this name is there, and a file system cannot hold both'],
  ENOTEMPTY: ['LB_STORE_REFUSED', 'a folder of this name is there, and a file system cannot hold both'],
  ENOTDIR: ['LB_STORE_REFUSED', 'a part of the key is an object already, and a file system cannot hold both'],
  EEXIST: ['LB_STORE_REFUSED', 'a part of the key is an object already, and a file system cannot hold both'],
  EIO: ['LB_STORE_UNREACHABLE', 'input/output error'],
  ESTALE: ['LB_STORE_UNREACHABLE', 'the network file system lost the file'],
  ETIMEDOUT: ['LB_STORE_UNREACHABLE', 'the network file system does not answer'],
  EHOSTDOWN: ['LB_STORE_UNREACHABLE', 'the network file system does not answer'],
  EHOSTUNREACH: ['LB_STORE_UNREACHABLE', 'the network file system does not answer'],
  ENOTCONN: ['LB_STORE_UNREACHABLE', 'the network file system is not connected'],
  EMFILE: ['LB_STORE_UNREACHABLE', 'this process has too many files open'],
  ENFILE: ['LB_STORE_UNREACHABLE', 'the machine has too many files open'],
  EAGAIN: ['LB_STORE_UNREACHABLE', 'a resource is busy'],
  EBUSY: ['LB_STORE_UNREACHABLE', 'a resource is busy'],
};

/** What a failed file operation means for the one who wanted to read or write an object. */
export const filesystemFault = (error: unknown, doing: string): Fault => {
  if (isFault(error)) return error;
  const [code, text] = CODES[codeOf(error) ?? ''] ?? [
    'LB_STORE_REFUSED',
    codeOf(error) ?? 'a file operation failed',
  ];
  return new Fault(code, `${doing}: ${text}`, { cause: error });
};
