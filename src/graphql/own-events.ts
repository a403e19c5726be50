import { upcast, type LifeboatEvent } from '../domain/events.js';

/** A stream holds events of its own kind only; what this version does not know counts as unknown. */
export const backupEvent = (event: Parameters<typeof upcast>[0]) => {
  const known = upcast(event);
  return known && known.type.startsWith('Backup')
    ? (known as Extract<LifeboatEvent, { type: `Backup${string}` }>)
    : undefined;
};
export const restoreEvent = (event: Parameters<typeof upcast>[0]) => {
  const known = upcast(event);
  return known && known.type.startsWith('Restore')
    ? (known as Extract<LifeboatEvent, { type: `Restore${string}` }>)
    : undefined;
};
