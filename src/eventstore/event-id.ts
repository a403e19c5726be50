import { createHash } from 'node:crypto';

/** Lifeboat's own name space. Changing it gives every fact a second id, and repeats would no longer be recognised. */
const LIFEBOAT = '5a0e3f0c-6b1d-4c57-9d0a-7c1f0c9f6e21';

/** A name-based UUID, version 5 (RFC 9562, section 5.5): the same name in the same name space is the same id for ever. */
export const uuidv5 = (namespace: string, name: string): string => {
  const space = Buffer.from(namespace.replaceAll('-', ''), 'hex');
  if (space.length !== 16) throw new RangeError(`not a UUID: ${namespace}`);
  const bytes = createHash('sha1').update(space).update(name, 'utf8').digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/**
 * The id of a fact, made from its cause: the stream, the uid of the custom resource (the incarnation of the name), the
 * type, and what tells two facts of that type apart (an attempt, a tick). The parts are framed as JSON, so that no two
 * different lists of parts can run together into one name.
 */
export const eventId = (stream: string, uid: string, type: string, discriminator: string): string =>
  uuidv5(LIFEBOAT, JSON.stringify([stream, uid, type, discriminator]));
