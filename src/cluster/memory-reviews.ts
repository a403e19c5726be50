import { type Impersonation, type ObjectRef, type ResourceType } from './port.js';
import { json, objectAt, textAt, type Json, type JsonObject } from './memory-json.js';

/** What somebody wants to do to: the kind in the words of an access rule. */
export type RightsKind = Pick<ResourceType, 'group' | 'resource'>;

/** Whether a user may; `ref.name` is empty where the verb has no single object (`list`, `create`). */
export type Rights = (user: Impersonation, verb: string, type: RightsKind, ref: ObjectRef) => boolean;

export interface ReviewOptions {
  /** Bearer tokens and whom they stand for. */
  readonly tokens: Readonly<Record<string, { readonly user: string; readonly groups: readonly string[] }>>;
  readonly rights: Rights | undefined;
}

/** `system:masters` may everything, before any rule is asked; without rules everybody may. */
export const mayDo = (
  rights: Rights | undefined,
  user: Impersonation,
  ...what: [string, RightsKind, ObjectRef]
): boolean => rights === undefined || user.groups.includes('system:masters') || rights(user, ...what);

const strings = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

const reviewToken = (document: JsonObject, options: ReviewOptions): unknown => {
  const token = textAt(document, 'spec', 'token') ?? '';
  const known = Object.hasOwn(options.tokens, token) ? options.tokens[token] : undefined;
  if (known === undefined) return { user: {}, error: 'invalid bearer token' };
  return { authenticated: true, user: { username: known.user, groups: known.groups } };
};

const reviewAccess = (document: JsonObject, user: Impersonation, rights: Rights | undefined): unknown => {
  const asked = objectAt(document, 'spec', 'resourceAttributes');
  if (asked === undefined) return { allowed: user.groups.includes('system:masters') };
  const kind = { group: textAt(asked, 'group') ?? '', resource: textAt(asked, 'resource') ?? '' };
  const namespace = textAt(asked, 'namespace');
  const ref = { name: textAt(asked, 'name') ?? '', ...(namespace === undefined ? {} : { namespace }) };
  return { allowed: mayDo(rights, user, textAt(asked, 'verb') ?? '', kind, ref) };
};

const statusOf = (
  kind: string,
  document: JsonObject,
  caller: Impersonation,
  options: ReviewOptions,
): unknown => {
  const named = {
    user: textAt(document, 'spec', 'user') ?? '',
    groups: strings(objectAt(document, 'spec')?.get('groups')),
  };
  switch (kind) {
    case 'TokenReview':
      return reviewToken(document, options);
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview':
      return reviewAccess(document, named, options.rights);
    case 'SelfSubjectAccessReview':
      return reviewAccess(document, caller, options.rights);
    case 'SelfSubjectReview':
      return { userInfo: { username: caller.user, groups: caller.groups } };
    default:
      return undefined;
  }
};

/** Answers a question put as an object of a create-only kind; undefined if it is not one this cluster knows. */
export const answerReview = (
  kind: string,
  document: JsonObject,
  caller: Impersonation,
  options: ReviewOptions,
): JsonObject | undefined => {
  const status = statusOf(kind, document, caller, options);
  return status === undefined ? undefined : new Map([...document, ['status', json(status)]]);
};
