import type { Decider, Event } from './decider.js';

/** Attempts through the API, refused ones included. These facts decide nothing; they are kept by day for the audit. */
export type AccessEvent =
  | Event<'MutationReceived', { requestId: string; mutation: string; target: string; at: string }>
  | Event<
      'MutationAnswered',
      { requestId: string; mutation: string; target: string; answer: string; at: string }
    >;

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
    };

const decide: Decider<null, AccessCommand, AccessEvent>['decide'] = (command) => {
  const { requestId, mutation, target, now: at } = command;
  switch (command.type) {
    case 'RecordReceived':
      return [{ type: 'MutationReceived', v: 1, data: { requestId, mutation, target, at } }];
    case 'RecordAnswered':
      return [
        { type: 'MutationAnswered', v: 1, data: { requestId, mutation, target, answer: command.answer, at } },
      ];
  }
};

export const access: Decider<null, AccessCommand, AccessEvent> = {
  initial: null,
  decide,
  evolve: () => null,
};
