import { describe, expect, it } from 'vitest';
import { at, type JsonObject } from '../../../../src/domain/json.js';
import type { ImageChange, RefusedLookUp } from '../../../../src/domain/restore-actions/action.js';
import { changeImageName, imageChangesOf } from '../../../../src/domain/restore-actions/image-name.js';

const run = (object: JsonObject, imageChanges?: readonly ImageChange[] | RefusedLookUp) =>
  changeImageName.execute({ object, archived: object, restore: {}, ...(imageChanges && { imageChanges }) });

const podSpec = {
  containers: [
    { name: 'a', image: 'old.example:5000/app:1' },
    { name: 'b', image: 'other/app:2' },
    { name: 'c' },
  ],
  initContainers: [{ name: 'i', image: 'old.example:5000/old.example:5000/init' }],
};
const changed = {
  containers: [{ name: 'a', image: 'new.example/app:1' }, { name: 'b', image: 'other/app:2' }, { name: 'c' }],
  initContainers: [{ name: 'i', image: 'new.example/new.example/init' }],
};
const CHANGES = [{ from: 'old.example:5000', to: 'new.example' }];

describe('the images of a restored workload', () => {
  it.each([
    ['Pod', ['spec'], { kind: 'Pod', spec: podSpec }],
    [
      'Deployment',
      ['spec', 'template', 'spec'],
      { kind: 'Deployment', spec: { template: { spec: podSpec } } },
    ],
    [
      'CronJob',
      ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
      { kind: 'CronJob', spec: { jobTemplate: { spec: { template: { spec: podSpec } } } } },
    ],
  ])('behaviour 78: of a %s have each old part replaced, init containers too', (_kind, path, object) => {
    expect(at(run(object, CHANGES).object, ...path)).toEqual(changed);
  });

  it('stay as they are where nothing is set up', () => {
    expect(run({ kind: 'Pod', spec: podSpec })).toEqual({});
    expect(run({ kind: 'Pod', spec: podSpec }, [])).toEqual({});
    expect(run({ kind: 'Pod', spec: { containers: 'none' } }, CHANGES).object).toEqual({
      kind: 'Pod',
      spec: { containers: 'none' },
    });
  });

  it('get the first change that fits, and that alone', () => {
    const object = { kind: 'Pod', spec: { containers: [{ image: 'a/b' }] } };
    const changes = [
      { from: 'zzz', to: 'x' },
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
    ];
    expect(run(object, changes).object).toEqual({ kind: 'Pod', spec: { containers: [{ image: 'b/b' }] } });
  });

  it('take the new part as it is, whatever characters it has', () => {
    const object = { kind: 'Pod', spec: { containers: [{ image: 'a:1' }] } };
    expect(run(object, [{ from: 'a', to: '$&$1' }]).object).toEqual({
      kind: 'Pod',
      spec: { containers: [{ image: '$&$1:1' }] },
    });
  });

  it('are not guessed where the look-up was refused', () => {
    expect(run({ kind: 'Pod', spec: podSpec }, { problem: 'several ConfigMaps' })).toEqual({
      error: 'several ConfigMaps',
    });
  });
});

describe('the values of the ConfigMap of image changes', () => {
  it('are changes in the order of their keys, trimmed, split at the first comma', () => {
    expect(imageChangesOf({ b: 'x,y,z', a: ' old , new ' })).toEqual([
      { from: 'old', to: 'new' },
      { from: 'x', to: 'y,z' },
    ]);
  });

  it.each(['no comma', 'old,', ',new', ' ,new', ''])(
    'change nothing where a side is missing: "%s"',
    (row) => {
      expect(imageChangesOf({ row })).toEqual([]);
    },
  );

  it('may take a part away', () => {
    expect(imageChangesOf({ row: 'mirror.example/, ' })).toEqual([{ from: 'mirror.example/', to: '' }]);
  });
});
