import { describe, expect, it } from 'vitest';
import { listAt, objectAt, textAt } from '../../src/domain/json.js';
import { namespaceOf, pod, type KubeObject } from '../builders.js';
import { startWorld } from './api.js';
import { expectRefused } from './refused.js';
import { createCluster, createRunningWorld, type World } from './world.js';

/** What somebody wrote, and the whole of what they are told. */
type Row = readonly [what: string, wrong: object, told: string];

const exec = { command: ['/bin/sh', '-c', 'mysql -phunter2'] };
const inSet = (set: object): object => ({ hooks: { resources: [{ name: 'quiet', ...set }] } });
const requirement = (key: string, operator: string, values?: readonly string[]): object => ({
  labelSelector: { matchExpressions: [{ key, operator, ...(values && { values }) }] },
});

const LONG = 'x'.repeat(5_000);

/** The same mistakes in both specs. */
const SELECTORS: readonly Row[] = [
  [
    'a key',
    { labelSelector: { matchLabels: { 'a b': 'c' } } },
    'spec.labelSelector: "a b" is not a label key; write name or prefix/name',
  ],
  [
    'a value',
    { labelSelector: { matchLabels: { a: 'b c' } } },
    'spec.labelSelector: "b c" is not a label value of "a"; at most 63 letters, digits, -, _ and .',
  ],
  [
    'an operator',
    requirement('a', 'Is', ['b']),
    'spec.labelSelector: operator "Is" of "a" is unknown; use one of In, NotIn, Exists, DoesNotExist',
  ],
  ['no values', requirement('a', 'In'), 'spec.labelSelector: operator In of "a" needs at least one value'],
  [
    'values',
    requirement('a', 'Exists', ['b']),
    'spec.labelSelector: operator Exists of "a" takes no values; remove them',
  ],
  [
    'a selector of several',
    { orLabelSelectors: [{}, { matchLabels: { '/': '' } }] },
    'spec.orLabelSelectors.1: "/" is not a label key; write name or prefix/name',
  ],
  [
    'a long text',
    { labelSelector: { matchLabels: { [LONG]: 'c' } } },
    `spec.labelSelector: "${'x'.repeat(120)}…" is not a label key; write name or prefix/name`,
  ],
];

const DURATION = 'is not a duration; write it like';

describe('A spec with a mistake', () => {
  const backups: readonly Row[] = [
    ...SELECTORS,
    ['ttl', { ttl: 'a week' }, `spec.ttl: "a week" ${DURATION} 720h, 90m or 1h30m`],
    ['timeout', { csiSnapshotTimeout: '10' }, `spec.csiSnapshotTimeout: "10" ${DURATION} 720h, 90m or 1h30m`],
    [
      'years',
      { itemOperationTimeout: '1y' },
      `spec.itemOperationTimeout: "1y" ${DURATION} 720h, 90m or 1h30m`,
    ],
    [
      'an endless duration',
      { ttl: '9'.repeat(5_000) },
      `spec.ttl: "${'9'.repeat(120)}…" ${DURATION} 720h, 90m or 1h30m`,
    ],
    [
      'a bracket',
      { includedNamespaces: ['sh[op'] },
      'spec.includedNamespaces: "sh[op": it has a bracket without its partner; write [abc], or leave it out',
    ],
    [
      'empty brackets',
      { excludedNamespaces: ['a[]'] },
      'spec.excludedNamespaces: "a[]": it has empty brackets; write characters into them',
    ],
    [
      'braces',
      { includedNamespaces: ['{a,b}'] },
      'spec.includedNamespaces: "{a,b}": the character { is not supported; the wildcards are *, ? and [abc]',
    ],
    [
      'two stars',
      { includedNamespaces: ['a**'] },
      'spec.includedNamespaces: "a**": write a single * instead of **',
    ],
    [
      'many brackets',
      { includedNamespaces: ['['.repeat(100_000)] },
      `spec.includedNamespaces: "${'['.repeat(120)}…": it has a bracket without its partner; write [abc], or leave it out`,
    ],
    [
      'a star beside a name',
      { includedResources: ['*', 'pods'] },
      'spec.includedResources: has * beside other entries; write * alone, or leave it out',
    ],
    [
      'a hook’s selector',
      inSet({ ...requirement('a', 'Is'), pre: [{ exec }] }),
      'spec.hooks.resources.0.labelSelector: operator "Is" of "a" is unknown; use one of In, NotIn, Exists, DoesNotExist',
    ],
    [
      'a hook’s duration',
      inSet({ post: [{ exec }, { exec: { ...exec, timeout: 'soon' } }] }),
      `spec.hooks.resources.0.post.1.exec.timeout: "soon" ${DURATION} 30s, 5m or 1h30m`,
    ],
  ];
  const restores: readonly Row[] = [
    ...SELECTORS,
    [
      'timeout',
      { itemOperationTimeout: 'later' },
      `spec.itemOperationTimeout: "later" ${DURATION} 720h, 90m or 1h30m`,
    ],
    [
      'a kind',
      { includedResources: ['nodes'] },
      'spec.includedResources: "nodes" cannot be restored; remove it',
    ],
    [
      'a hook’s limit',
      inSet({ postHooks: [{ exec: { ...exec, waitTimeout: '5 minutes' } }] }),
      `spec.hooks.resources.0.postHooks.0.exec.waitTimeout: "5 minutes" ${DURATION} 30s, 5m or 1h30m`,
    ],
    [
      'an init container',
      inSet({ postHooks: [{ init: { initContainers: [{ name: 'load' }] } }] }),
      'spec.hooks.resources.0.postHooks.0.init.initContainers.0: the init container lacks image, command; add it',
    ],
  ];

  it('of a backup refuses it, and tells field, reason and way out', async () => {
    const world = await createRunningWorld();
    for (const [what, spec, told] of backups) await expectRefused(world, 'backup', [what, spec], told);
  });

  it('of a restore refuses it, and tells field, reason and way out', async () => {
    const world = await createRunningWorld();
    await world.apply(namespaceOf('shop'));
    await world.backup('b1', { includedNamespaces: ['shop'] });
    for (const [what, spec, told] of restores)
      await expectRefused(world, 'restore', [what, { backupName: 'b1', ...spec }], told);
  });

  it('made a thousand times is told fifty times', async () => {
    const world = await createRunningWorld();
    const includedNamespaces = Array.from({ length: 1_000 }, (_, i) => `Shop${i}`);
    const { status } = await world.backup('b1', { includedNamespaces });
    expect(status?.validationErrors).toHaveLength(51);
    expect(status?.validationErrors?.at(-1)).toBe('and 950 more problems; correct these first');
  });
});

describe('Annotations of a pod that cannot be read', () => {
  const annotated = (name: string, annotations: Readonly<Record<string, string>>): KubeObject => {
    const plain = pod('shop', name);
    return { ...plain, metadata: { ...plain.metadata, annotations } };
  };
  const worldWith = async (object: KubeObject): Promise<World> => {
    const runCommand = () => Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
    const world = await createRunningWorld({ cluster: await createCluster({ runCommand }) });
    await world.apply(namespaceOf('shop'), object);
    return world;
  };

  it('are warnings of the backup that name pod, annotation, reason and way out, and not the command', async () => {
    const PRE = 'pre.hook.backup.velero.io';
    const world = await worldWith(
      annotated('db', {
        [`${PRE}/command`]: '["/bin/sh", "-c", "mysql -phunter2"',
        [`${PRE}/timeout`]: 'soon',
        [`${PRE}/on-error`]: 'fail',
      }),
    );
    const backup = await world.backup('b1', { includedNamespaces: ['shop'] });
    expect(backup.status).toMatchObject({ phase: 'Completed', warnings: 3 });
    const results = JSON.stringify(await world.json(world.layout.backupResults('b1')));
    for (const told of [
      `annotation ${PRE}/command: begins like a JSON array, but is not one of texts, and is taken as the name of a program; write it like [`,
      `annotation ${PRE}/timeout: "soon" is not a duration, so 30s counts; write it like 30s, 5m or 1h30m`,
      `annotation ${PRE}/on-error: "fail" is unknown and acts like Continue; write Continue or Fail`,
    ])
      expect(results).toContain(`pod shop/db, ${told.replaceAll('"', String.raw`\"`)}`);
    expect(results).not.toContain('hunter2');
  });

  it('are warnings of the restore', async () => {
    const POST = 'post.hook.restore.velero.io';
    const world = await worldWith(
      annotated('web', {
        [`${POST}/command`]: '/bin/warm',
        [`${POST}/container`]: 'mian',
        [`${POST}/wait-for-ready`]: 'yes',
      }),
    );
    await world.backup('b1', { includedNamespaces: ['shop'] });
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    expect(restore.status?.phase).toBe('Completed');
    const results = JSON.stringify(await world.json(world.layout.restoreResults('r1')));
    expect(results).toContain(
      String.raw`pod copy/web, annotation ${POST}/wait-for-ready: \"yes\" is neither true nor false and counts as false; write true or false`,
    );
    expect(results).toContain(
      String.raw`pod copy/web has no container \"mian\", so hook <from-annotation> is not run in it; name one of main`,
    );
  });
});

describe('Over the API', () => {
  const CREATE_BACKUP = `mutation ($input: CreateBackupInput!) {
    answer: createBackup(input: $input) { backup { name } userErrors { code message field } }
  }`;
  const CREATE_RESTORE = `mutation ($input: CreateRestoreInput!) {
    answer: createRestore(input: $input) { restore { name } userErrors { code message field } }
  }`;
  type Api = Awaited<ReturnType<typeof startWorld>>;
  const told = async (world: Api, query: string, spec: object): Promise<readonly string[]> => {
    const answer = await world.ask(query, { input: { name: 'n', spec } });
    expect(answer.errors).toEqual([]);
    return listAt(objectAt(answer.data, 'answer'), 'userErrors').map(
      (error) => `${textAt(error, 'code')} ${listAt(error, 'field').join('/')} ${textAt(error, 'message')}`,
    );
  };
  const matchExpressions = [{ key: 'a', operator: 'Is', values: ['b'] }];
  const hook = { command: ['true'], timeout: 'soon' };

  it.each<Row>([
    [
      'duration',
      { ttl: 'a week' },
      `INVALID input/spec/ttl spec.ttl: "a week" ${DURATION} 720h, 90m or 1h30m`,
    ],
    [
      'selector',
      { labelSelector: { matchExpressions } },
      'INVALID input/spec/labelSelector spec.labelSelector: operator "Is" of "a" is unknown; use one of In, NotIn, Exists, DoesNotExist',
    ],
    [
      'glob',
      { includedNamespaces: ['a**'] },
      'INVALID input/spec/includedNamespaces spec.includedNamespaces: "a**": write a single * instead of **',
    ],
    [
      'hook',
      { hooks: { resources: [{ name: 'q', pre: [{ exec: hook }] }] } },
      `INVALID input/spec/hooks/resources/0/pre/0/exec/timeout spec.hooks.resources.0.pre.0.exec.timeout: "soon" ${DURATION} 30s, 5m or 1h30m`,
    ],
    [
      'policy',
      { resourcePolicy: { kind: 'ConfigMap', name: 'rules' } },
      'NOT_FOUND input/spec/resourcePolicy spec.resourcePolicy: there is no ConfigMap "rules" in the namespace of the backup; create it',
    ],
  ])('the %s of a backup is told before the backup exists', async (_what, spec, problem) => {
    const world = await startWorld();
    expect(await told(world, CREATE_BACKUP, spec)).toEqual([problem]);
  });

  it('the mistakes of a restore are told before the restore exists', async () => {
    const world = await startWorld();
    const spec = { backupName: 'none', itemOperationTimeout: 'later', labelSelector: { matchExpressions } };
    expect(await told(world, CREATE_RESTORE, spec)).toEqual([
      expect.stringMatching(/^INVALID input\/spec\/labelSelector /),
      expect.stringMatching(/^INVALID input\/spec\/itemOperationTimeout /),
      expect.stringMatching(/^NOT_FOUND input\/spec\/backupName /),
    ]);
  });

  it('a hundred thousand mistakes are told in part, and soon', async () => {
    const world = await startWorld();
    const includedNamespaces = Array.from({ length: 50_000 }, (_, i) => `A${i}`);
    const orderedResources = Array.from({ length: 15_000 }, () => ({ key: 'pods', value: 'a' }));
    const start = performance.now();
    const problems = await told(world, CREATE_BACKUP, { includedNamespaces, orderedResources });
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)).toMatch(/^INVALID {2}and \d+ more problems; correct these first$/);
  });
});
