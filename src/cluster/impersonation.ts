import { Fault } from '../faults.js';
import { type Impersonation } from './port.js';

/** Header names are tokens (RFC 9110); whatever is not one is percent-encoded, and `%` too, so that the server can undo it. */
const encodeKey = (key: string): string =>
  [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(char)
        ? char
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

/** HTTP/1 header values are bytes: UTF-8 goes through as Latin-1. A control character would end the header, so it never leaves here. */
const headerValue = (value: string, what: string): string => {
  const bytes = Buffer.from(value, 'utf8').toString('latin1');
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(bytes)) {
    throw new Fault('LB_CLUSTER_DENIED', `the ${what} to act as holds a control character`);
  }
  return bytes;
};

/**
 * The headers that make the API server treat a call as somebody else's, as flat name-value pairs: every group is a header line
 * of its own, which a merged, comma-separated line would not be.
 *
 * Faults: `LB_CLUSTER_DENIED` for an empty user. Without a user the server would ignore the rest and run the call with our own,
 * greater rights.
 */
export const impersonationHeaders = (as: Impersonation): readonly string[] => {
  if (as.user === '') throw new Fault('LB_CLUSTER_DENIED', 'the user to act as has no name');
  const extra = Object.entries(as.extra ?? {}).flatMap(([key, values]) =>
    values.flatMap((value) => [`Impersonate-Extra-${encodeKey(key)}`, headerValue(value, 'extra field')]),
  );
  return [
    'Impersonate-User',
    headerValue(as.user, 'user'),
    ...as.groups.flatMap((group) => ['Impersonate-Group', headerValue(group, 'group')]),
    ...(as.uid === undefined ? [] : ['Impersonate-Uid', headerValue(as.uid, 'uid')]),
    ...extra,
  ];
};
