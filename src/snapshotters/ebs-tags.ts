import type { Tag } from '@aws-sdk/client-ec2';

/** EC2 takes no more on one resource, and no longer ones. */
const MOST = 50;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

/** Beginning like this they are Amazon's own; EC2 refuses a request that sets one. */
const isReserved = (key: string): boolean => key.toLowerCase().startsWith('aws:');

type Tags = Readonly<Record<string, string>>;

const fits = ([key, value]: readonly [string, string]): boolean =>
  key !== '' && key.length <= LONGEST_KEY && value.length <= LONGEST_VALUE && !isReserved(key);

export const tagsIn = (tags: readonly Tag[] = []): Tags =>
  Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

/** Those of `first` come first and win; what EC2 would refuse, or is too much, is left out rather than lose the snapshot. */
export const mergedTags = (first: Tags, then: Tags): Tag[] => {
  const others = Object.entries(then).filter(([key]) => !Object.hasOwn(first, key));
  return [...Object.entries(first), ...others]
    .filter(fits)
    .slice(0, MOST)
    .map(([Key, Value]) => ({ Key, Value }));
};

/**
 * The tags of a snapshot for a volume made from it (`getTagsForCluster` in `velero-plugin-for-aws/volume_snapshotter.go`): in a cluster whose
 * name is given (`AWS_CLUSTER_NAME`), those that say which cluster the volume is of are its own.
 */
export const clusterTags = (tags: Tags, cluster: string | undefined): Tags => {
  if (!cluster) return tags;
  const ofOthers = (key: string) => key === 'KubernetesCluster' || key.startsWith('kubernetes.io/cluster/');
  return {
    [`kubernetes.io/cluster/${cluster}`]: 'owned',
    KubernetesCluster: cluster,
    ...Object.fromEntries(Object.entries(tags).filter(([key]) => !ofOthers(key))),
  };
};

export const tagFilters = (tags: Tags) =>
  mergedTags(tags, {}).map(({ Key = '', Value = '' }) => ({
    Name: `tag:${Key}`,
    // Asterisk and question mark stand for others in a filter.
    Values: [Value.replace(/[\\*?]/g, '\\$&')],
  }));
