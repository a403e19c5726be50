import { type BaseOptions, EventStoreDBClient } from '@eventstore/db-client';
import { Fault } from '../faults.js';
import { DEADLINE } from './kurrent-deadlines.js';

export interface Connection {
  readonly client: EventStoreDBClient;
  readonly prefix: string;
  readonly base: BaseOptions;
  /** How to end each live subscription; closing the store ends them all. */
  readonly subscriptions: Set<() => void>;
}

/** Takes user and password out of the URL first: the client prints URLs it dislikes, and they must not show up in logs. */
export const connect = (url: string, prefix: string): Connection => {
  try {
    const [, scheme = '', login, rest = ''] = /^([^:]+:\/\/)(?:([^/]*)@)?(.*)$/.exec(url.trim()) ?? [];
    const client = EventStoreDBClient.connectionString(scheme + rest);
    const [username = '', password = ''] = login?.split(':').map(decodeURIComponent) ?? [];
    // The leader: a follower may not have yet what we have just been told is written.
    const base = { requiresLeader: true, deadline: DEADLINE };
    return {
      ...{ client, prefix, subscriptions: new Set() },
      base: login ? { ...base, credentials: { username, password } } : base,
    };
  } catch {
    throw new Fault(
      'LB_CONFIG',
      'the URL of the event store is not one like esdb://user:password@host:2113?tls=true',
    );
  }
};
