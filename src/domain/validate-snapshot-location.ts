import { problem, type Problem } from './problem.js';
import { shown } from './shown.js';

/** A name without a slash is one of Velero's own (`pkg/plugin/clientmgmt/manager.go`). */
const PROVIDERS = ['aws', 'velero.io/aws'];

/** The keys of Velero's plugin (`velero-plugin-for-aws/volume_snapshotter.go`). */
const SETTINGS = [
  'region',
  'profile',
  'credentialsFile',
  'ebsKmsKeyId',
  // Accepted and without any effect: the AWS clients of today always read both files.
  'enableSharedConfig',
];

/** Everything that keeps a VolumeSnapshotLocation from working and can be told without asking anybody. */
export const validateSnapshotLocation = (spec: {
  readonly provider?: string;
  readonly config?: Readonly<Record<string, string>>;
}): readonly Problem[] => {
  const { provider = '', config = {} } = spec;
  if (!PROVIDERS.includes(provider)) {
    const text = `"${shown(provider)}" takes no snapshots in this version; the one that does is aws`;
    return [problem(['spec', 'provider'], text)];
  }
  const unknown = Object.keys(config)
    .filter((key) => !SETTINGS.includes(key))
    .map((key) =>
      problem(
        ['spec', 'config', key],
        `is not a setting of the provider aws; it knows ${SETTINGS.join(', ')}`,
      ),
    );
  if (config['region']) return unknown;
  return [...unknown, problem(['spec', 'config', 'region'], 'is missing: the region of the volumes')];
};
