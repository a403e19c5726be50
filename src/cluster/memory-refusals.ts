import { Fault } from '../faults.js';
import { groupResource, type Refused, type ResourceType } from './port.js';

type Cause = Refused['causes'][number];

const refuse = (status: number, reason: string, message: string, causes: readonly Cause[] = []): Refused => ({
  ok: false,
  status,
  reason,
  message,
  causes,
});

type Kind = Pick<ResourceType, 'group' | 'resource'>;

export const badRequest = (message: string): Refused => refuse(400, 'BadRequest', message);

export const notFound = (type: Kind, name: string): Refused =>
  refuse(404, 'NotFound', `${groupResource(type)} "${name}" not found`);

export const notServed = (): Refused =>
  refuse(404, 'NotFound', 'the server could not find the requested resource');

export const notAllowed = (): Refused =>
  refuse(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');

export const alreadyExists = (type: Kind, name: string): Refused =>
  refuse(409, 'AlreadyExists', `${groupResource(type)} "${name}" already exists`);

export const conflict = (type: Kind, name: string): Refused =>
  refuse(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${groupResource(type)} "${name}": the object has been modified since it was read`,
  );

/** 409 of a server-side apply: these fields are held by others with other values. */
export const fieldConflict = (fields: readonly string[]): Refused =>
  refuse(
    409,
    'Conflict',
    `Apply failed with ${fields.length} conflicts: conflicts with "somebody else":\n- ${fields.join('\n- ')}`,
    fields.map((field) => ({
      field,
      reason: 'FieldManagerConflict',
      message: 'conflict with "somebody else"',
    })),
  );

/** 422 with one cause; `reason` is that of the field, as `FieldValueRequired`. */
export const invalid = (
  kind: string,
  name: string,
  field: string,
  problem: string,
  reason = 'FieldValueInvalid',
): Refused => {
  const message = `${reason === 'FieldValueRequired' ? 'Required' : 'Invalid'} value: ${problem}`;
  return refuse(422, 'Invalid', `${kind} "${name}" is invalid: ${field}: ${message}`, [
    { field, reason, message },
  ]);
};

export const patchDoesNotApply = (problem: string): Refused => refuse(422, 'Invalid', problem);

export const unsupportedPatch = (message: string): Refused => refuse(415, 'UnsupportedMediaType', message);

export const forbidden = (user: string, verb: string, type: Kind, namespace: string | undefined): Refused => {
  const place = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = `resource "${type.resource}" in API group "${type.group}" ${place}`;
  return refuse(
    403,
    'Forbidden',
    `${groupResource(type)} is forbidden: User "${user}" cannot ${verb} ${what}`,
  );
};

export const namespaceEnding = (type: Kind, name: string, namespace: string): Refused => {
  const message = `namespace ${namespace} is being terminated`;
  return refuse(
    403,
    'Forbidden',
    `${groupResource(type)} "${name}" is forbidden: unable to create new content, ${message}`,
    [{ field: 'metadata.namespace', reason: 'NamespaceTerminating', message }],
  );
};

/** A refusal of a read has nobody to act on it: it is a fault. */
export const readFault = (refused: Refused): Fault =>
  new Fault(refused.status === 403 ? 'LB_CLUSTER_DENIED' : 'LB_CLUSTER_REFUSED', refused.message);
