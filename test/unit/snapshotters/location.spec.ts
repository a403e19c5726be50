import { describe, expect, it } from 'vitest';
import { isFault } from '../../../src/faults.js';
import { openSnapshotLocation, type SnapshotLocationSpec } from '../../../src/snapshotters/location.js';

const INI =
  '[default]\naws_access_key_id = AK\naws_secret_access_key = topsecret\n[half]\naws_access_key_id = AK\n';
const readSecret = (name: string) => Promise.resolve(name === 'ec2' ? Buffer.from(INI) : undefined);

const open = async (spec: Partial<SnapshotLocationSpec>) => {
  try {
    const snapshotter = await openSnapshotLocation(
      { provider: 'aws', config: { region: 'r' }, ...spec },
      { readSecret },
    );
    snapshotter.close();
    return 'opened';
  } catch (error) {
    return isFault(error) ? `${error.code} ${error.detail}` : error;
  }
};

describe('A volume snapshot location', () => {
  it('is opened by either name of its provider, with every setting of Velero’s plugin', async () => {
    const config = { region: 'r', profile: 'default', enableSharedConfig: 'true', ebsKmsKeyId: 'k' };
    const credential = { name: 'ec2', key: 'cloud' };
    expect(await open({ provider: 'velero.io/aws', config, credential })).toBe('opened');
  });

  it('says which providers there are', async () => {
    expect(await open({ provider: 'gcp' })).toBe(
      'LB_SNAPSHOTTER_CONFIG spec.provider: "gcp" takes no snapshots in this version; the one that does is aws',
    );
  });

  it('says which settings there are, and that the region is missing, in one text', async () => {
    expect(await open({ config: { Region: 'x' } })).toMatch(
      /^LB_SNAPSHOTTER_CONFIG spec\.config\.Region: is not a setting .* ebsKmsKeyId.*; spec\.config\.region: is missing/,
    );
  });

  it('names the Secret that is missing, and the profile that is not whole, and no secret', async () => {
    expect(await open({ credential: { name: 'lost', key: 'cloud' } })).toBe(
      'LB_SNAPSHOTTER_CONFIG spec.credential: there is no key "cloud" in a Secret "lost"',
    );
    const half = await open({
      config: { region: 'r', profile: 'half' },
      credential: { name: 'ec2', key: 'cloud' },
    });
    expect(half).toContain('the profile "half" has no aws_secret_access_key');
    expect(half).not.toContain('topsecret');
  });
});
