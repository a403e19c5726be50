import { type mirrorPatch } from '../../../src/controllers/mirror.js';

export type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396, as the API server applies a merge patch. */
const applyMerge = (target: unknown, patch: unknown): unknown => {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch))
    merged[field] = value === null ? undefined : applyMerge(merged[field], value);
  return merged; // what is undefined is left out on the way back
};

/** Objects go over the wire as JSON and come back with their fields in alphabetical order. */
export const overTheWire = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_field, inner: unknown) =>
      isRecord(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ),
  );

/** The parts of a resource that the server writes. */
export type Mirrored = Parameters<typeof mirrorPatch>[1];
/** The resource as it is read after a patch of it. */
export const applied = (actual: Mirrored, patch: object): Mirrored =>
  overTheWire(applyMerge(actual, overTheWire(patch))) as Mirrored;
