import { createHash } from 'node:crypto';
import type { BackupStorageLocationSpec } from '../../domain/velero.gen.js';
import { trimSlashes } from '../../objectstore/layout.js';

/** The settings that say where something is; the others say how to get in, or how to write. */
const WHERE = ['region', 's3Url', 'path'];

/** The same text for two specs that point to the same place. A hash, because addresses can hold credentials. */
export const placeOf = ({ provider, objectStorage, config }: BackupStorageLocationSpec): string => {
  const { bucket, prefix } = objectStorage;
  const where = WHERE.map((key) => config?.[key] ?? '');
  const parts = [provider, trimSlashes(bucket), trimSlashes(prefix ?? ''), ...where];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
};
