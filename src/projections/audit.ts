import { upcast } from '../domain/events.js';
import { sentenceOf } from '../domain/story.js';
import type { Recorded } from '../eventstore/port.js';
import type { AuditRow } from './rows.js';

/** A newer writer's fact has a type or a shape we do not know; it stays in the trail under its own name. */
const summaryOf = (recorded: Recorded): string => {
  const event = upcast(recorded);
  return event ? sentenceOf(event) : `${recorded.type} was recorded.`;
};

/** One fact as the audit keeps it. */
export const auditRowOf = (recorded: Recorded): AuditRow => {
  const { id, position, stream, revision, type, recordedAt, meta, data } = recorded;
  return {
    id,
    position,
    stream,
    revision,
    type,
    recordedAt,
    actor: meta.actor,
    correlationId: meta.correlationId,
    ...(meta.causationId !== undefined && { causationId: meta.causationId }),
    summary: summaryOf(recorded),
    data,
  };
};
