import { describe, expect, it } from 'vitest';
import { chooseSnapshotClass, type ClassQuestion } from '../../../../src/domain/volumes/snapshot-class.js';

const KEY = 'velero.io/csi-volumesnapshot-class';
const DRIVER = 'Disk.csi.example';

const named = (name: string, metadata: object = {}, driver = DRIVER) => ({
  metadata: { name, ...metadata },
  driver,
});
const labelled = named('labelled', { labels: { [KEY]: 'false' } });
const standard = named('standard', {
  annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' },
});
const plain = named('plain');
const foreign = named('foreign', { labels: { [KEY]: 'true' } }, 'other.example');

const ask = (question: Partial<ClassQuestion>) =>
  chooseSnapshotClass({
    driver: DRIVER,
    claimAnnotations: {},
    backupAnnotations: {},
    classes: [plain, standard, labelled, foreign],
    ...question,
  });

describe('The class of a snapshot', () => {
  const ofBackup = { [`${KEY}_disk.csi.example`]: 'STANDARD' };

  it('is the one the claim names, whatever its case', () => {
    const claimAnnotations = { [KEY]: 'Plain' };
    expect(ask({ claimAnnotations, backupAnnotations: ofBackup })).toEqual({ className: 'plain' });
  });

  it('is the one the backup names for the driver, if the claim names none of the driver', () => {
    const claimAnnotations = { [KEY]: 'foreign' };
    expect(ask({ claimAnnotations, backupAnnotations: ofBackup })).toEqual({ className: 'standard' });
  });

  it('is one with the label, whatever its value; then the default; then the only one', () => {
    expect(ask({})).toEqual({ className: 'labelled' });
    expect(ask({ classes: [plain, standard, foreign] })).toEqual({ className: 'standard' });
    expect(ask({ classes: [plain, foreign] })).toEqual({ className: 'plain' });
  });

  it('cannot be told among several that nothing prefers, nor where there is none', () => {
    expect(ask({ classes: [plain, named('other')] })).toEqual({
      problem: expect.stringMatching(
        /several VolumeSnapshotClasses \(other, plain\); put the label/,
      ) as string,
    });
    expect(ask({ classes: [foreign] })).toEqual({
      problem: expect.stringContaining('create one') as string,
    });
  });
});
