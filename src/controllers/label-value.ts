import { createHash } from 'node:crypto';

/** A name as a label value: unchanged up to 63 characters, else its first 57 and 6 digits of its SHA-256 (Velero: `pkg/label/label.go`). */
export const labelValue = (name: string): string =>
  name.length <= 63 ? name : name.slice(0, 57) + createHash('sha256').update(name).digest('hex').slice(0, 6);
