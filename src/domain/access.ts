import type { Decider, Event } from './decider.js';

/** Attempts through the API, refused ones included, and links to files. These facts decide nothing; they are kept by day for the audit. */
export type AccessEvent =
  | Event<'MutationReceived', { requestId: string; mutation: string; target: string; at: string }>
  | Event<
      'MutationAnswered',
      { requestId: string; mutation: string; target: string; answer: string; at: string }
    >
  /** The link itself is a secret and not kept: whoever has it can read the file. Who uses it, nobody knows. */
  | Event<'DownloadLinkMade', { file: string; target: string; expiresAt: string; at: string }>;

export type AccessCommand =
  | { type: 'RecordReceived'; requestId: string; mutation: string; target: string; now: string }
  /** `answer` is `OK` or the codes of the user errors. */
  | {
      type: 'RecordAnswered';
      requestId: string;
      mutation: string;
      target: string;
      answer: string;
      now: string;
    }
  /** `file` is the kind of a DownloadRequest: `BackupLog`. */
  | { type: 'RecordDownloadLink'; file: string; target: string; expiresAt: string; now: string };

const decide: Decider<null, AccessCommand, AccessEvent>['decide'] = (command) => {
  const { target, now: at } = command;
  switch (command.type) {
    case 'RecordReceived': {
      const { requestId, mutation } = command;
      return [{ type: 'MutationReceived', v: 1, data: { requestId, mutation, target, at } }];
    }
    case 'RecordAnswered': {
      const { requestId, mutation, answer } = command;
      return [{ type: 'MutationAnswered', v: 1, data: { requestId, mutation, target, answer, at } }];
    }
    case 'RecordDownloadLink': {
      const { file, expiresAt } = command;
      return [{ type: 'DownloadLinkMade', v: 1, data: { file, target, expiresAt, at } }];
    }
  }
};

export const access: Decider<null, AccessCommand, AccessEvent> = {
  initial: null,
  decide,
  evolve: () => null,
};
