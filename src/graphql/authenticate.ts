import { createHash } from 'node:crypto';
import type { Cluster, Impersonation, ResourceType } from '../cluster/port.js';
import { at, listAt, objectAt, textAt } from '../domain/json.js';
import { TOKEN_REVIEWS } from '../domain/known-kinds.js';
import { Fault, messageOf } from '../faults.js';
import type { Actor } from '../eventstore/port.js';
import { coded } from './errors.js';
import { createTtlCache } from './ttl-cache.js';

/** Who is asking. Without `impersonation` (auth is off) the server acts as itself. */
export interface Caller {
  readonly actor: Actor;
  readonly impersonation?: Impersonation;
}

/** Says who sends a header `Authorization: Bearer …`. Error `UNAUTHENTICATED` for anything that proves nothing. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>;

/** How long a token or a right may still count after it was taken away. */
export const TRUST_MS = 10_000;
const REVIEW_DEADLINE_MS = 5_000;
const MOST_REMEMBERED = 1_000;

const bearer = (authorization: string | undefined): string | undefined =>
  /^Bearer +([\x21-\x7e]{1,16384})$/i.exec(authorization?.trim() ?? '')?.[1];

const texts = (list: readonly unknown[]): readonly string[] =>
  list.filter((item) => typeof item === 'string');

const userOf = (review: unknown): Impersonation | undefined => {
  const user = textAt(review, 'status', 'user', 'username');
  if (at(review, 'status', 'authenticated') !== true || user === '') return undefined;
  const uid = textAt(review, 'status', 'user', 'uid');
  const extra = objectAt(review, 'status', 'user', 'extra');
  return {
    user,
    groups: texts(listAt(review, 'status', 'user', 'groups')),
    ...(uid !== '' && { uid }),
    extra: Object.fromEntries(Object.keys(extra).map((key) => [key, texts(listAt(extra, key))])),
  };
};

/** Parses the body of an API server's answer. Fault `LB_CLUSTER_PROTOCOL` if it is no JSON. */
export const parseBody = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (error) {
    throw new Fault('LB_CLUSTER_PROTOCOL', messageOf(error), { cause: error });
  }
};

/** Creates one of the API server's question objects and gives back its answer. */
export const ask = async (cluster: Cluster, type: ResourceType, spec: object): Promise<unknown> => {
  const question = { apiVersion: `${type.group}/${type.version}`, kind: type.kind, metadata: {}, spec };
  const signal = AbortSignal.timeout(REVIEW_DEADLINE_MS);
  const answer = await cluster.create(type, undefined, JSON.stringify(question), { signal });
  if (!answer.ok) throw new Fault('LB_CLUSTER_REFUSED', `${type.kind}: ${answer.message}`);
  return parseBody(answer.body);
};

const ANONYMOUS: Caller = { actor: { kind: 'USER', name: 'anonymous', via: 'graphql' } };

/**
 * With `token` the cluster says whose token it is (TokenReview); answers count for ten seconds and are remembered by the
 * token's hash, never by the token. With `none` everybody is `anonymous`.
 */
export const createAuthenticate = (options: {
  readonly auth: 'token' | 'none';
  readonly cluster: Cluster;
  readonly now: () => Date;
}): Authenticate => {
  if (options.auth === 'none') return () => Promise.resolve(ANONYMOUS);
  const users = createTtlCache<Impersonation | undefined>({
    ttlMs: TRUST_MS,
    most: MOST_REMEMBERED,
    now: options.now,
  });
  return async (authorization) => {
    const token = bearer(authorization);
    if (token === undefined)
      throw coded('UNAUTHENTICATED', 'send a bearer token of this cluster in the header authorization');
    const hash = createHash('sha256').update(token).digest('base64');
    const user = await users.get(hash, async () =>
      userOf(await ask(options.cluster, TOKEN_REVIEWS, { token })),
    );
    if (!user) throw coded('UNAUTHENTICATED', 'the cluster does not accept this token; it may have expired');
    return { actor: { kind: 'USER', name: user.user, via: 'graphql' }, impersonation: user };
  };
};
