import type { OperationLog } from '../../archive/oplog.js';
import type { Discovery } from '../../cluster/port.js';
import type { ResourcePolicies } from '../../domain/resource-policies/policies.js';
import type { BackupSpec } from '../../domain/velero.gen.js';
import { ensureRepository } from '../repository/ensure.js';
import type { ControllerPorts } from '../ports.js';
import { copyTimeoutOf } from '../volumes/copy-timeout.js';
import { createNodeAgents } from '../volumes/node-agents.js';
import { createCopyRuns, type CopyFacts } from './copy-runs.js';
import type { FactSender } from './hook-facts.js';
import { createPodCopies, type PodCopies } from './pod-copies.js';
import { attemptOf, type BackupSession } from './session.js';

interface Loading {
  readonly session: BackupSession;
  readonly name: string;
  readonly spec: BackupSpec;
  readonly log: OperationLog;
}

const copyFactsOf = (session: BackupSession, attempt: number, send: FactSender): CopyFacts => ({
  begun: () => send({ type: 'BeginCopies', attempt, now: session.now() }),
  copied: (copy) => send({ type: 'RecordCopy', attempt, copy, now: session.now() }),
  failed: (copy, reason) => send({ type: 'FailCopy', attempt, copy, reason, now: session.now() }),
});

const timeoutOf = ({ session, log }: Loading, fallback: number): number => {
  const { ms, problem } = copyTimeoutOf(session.resource, fallback);
  if (problem !== undefined) log.error('Error reading the timeout of copies of volumes', { error: problem });
  return ms;
};

const copiedBackupOf = ({ session, name, spec }: Loading, attempt: number) => {
  const { uploaderConfig } = spec;
  return {
    name,
    uid: session.row?.uid ?? '',
    attempt,
    location: spec.storageLocation ?? '',
    ...(uploaderConfig && { parallelFiles: uploaderConfig.parallelFilesUpload ?? 0 }),
  };
};

/** The copies of volumes of one run; its time begins now. */
export const loadCopies = (
  ports: ControllerPorts,
  loading: Loading,
  around: { readonly discovery: Discovery; readonly policies?: ResourcePolicies | undefined },
  { send, signal }: { readonly send: FactSender; readonly signal: AbortSignal },
): PodCopies => {
  const { cluster, resources, config } = ports;
  const { session, spec, log } = loading;
  const attempt = attemptOf(session);
  const location = spec.storageLocation ?? '';
  return createPodCopies({
    cluster,
    discovery: around.discovery,
    copiesAreDefault: spec.defaultVolumesToFsBackup === true,
    ...(around.policies && { policies: around.policies }),
    runs: createCopyRuns({
      cluster,
      resources,
      backup: copiedBackupOf(loading, attempt),
      facts: copyFactsOf(session, attempt, send),
      timeoutMs: timeoutOf(loading, config.fsBackupTimeout),
      log,
      signal,
    }),
    agents: createNodeAgents(cluster, resources.namespace, signal),
    repositoryOf: async (volumeNamespace) => {
      const ensured = await ensureRepository(ports, { volumeNamespace, location }, signal);
      return 'problem' in ensured ? ensured.problem : undefined;
    },
    log,
    signal,
  });
};
