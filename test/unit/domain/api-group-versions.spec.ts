import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  byVersionPriority,
  chooseVersion,
  readVersionPriorities,
  type ResourceVersions,
} from '../../../src/domain/api-group-versions.js';

describe('versions of Kubernetes', () => {
  it('come in its order: GA, beta, alpha, higher first, what is no version last by letter', () => {
    const sorted = [
      'v10',
      'v2',
      'v1',
      'v11beta2',
      'v10beta3',
      'v3beta1',
      'v12alpha1',
      'v11alpha2',
      'foo1',
      'foo10',
    ];
    expect([...sorted].reverse().sort(byVersionPriority)).toEqual(sorted);
  });
});

const versions = (changed: Partial<ResourceVersions>): ResourceVersions => ({
  archived: ['v1', 'v2', 'v2beta1'],
  archivedPreferred: 'v2',
  served: ['v1', 'v2', 'v2beta1'],
  servedPreferred: 'v1',
  wanted: [],
  ...changed,
});

describe('the version in which a resource is restored', () => {
  it('is the first one the operator wants that is archived and served (priority 0)', () => {
    expect(chooseVersion(versions({ wanted: ['v9', 'v2beta1', 'v1'] }))).toEqual({
      version: 'v2beta1',
      because: 'wanted',
    });
    expect(chooseVersion(versions({ wanted: ['v2beta1'], served: ['v1'] }))).toMatchObject({ version: 'v1' });
  });

  it('131. is the one this cluster prefers, if it is archived (priority 1)', () => {
    expect(chooseVersion(versions({}))).toEqual({ version: 'v1', because: 'preferred here' });
  });

  it('is the one preferred at the backup, if this cluster serves it but prefers one that is not archived (priority 2)', () => {
    const chosen = chooseVersion(versions({ served: ['v3', 'v2', 'v1'], servedPreferred: 'v3' }));
    expect(chosen).toEqual({ version: 'v2', because: 'preferred at the backup' });
  });

  it('is the highest one in common, if neither side’s preferred one is known to the other (priority 3)', () => {
    const chosen = chooseVersion(
      versions({ served: ['v3', 'v1', 'v2beta1', 'v2alpha1'], servedPreferred: 'v3' }),
    );
    expect(chosen).toEqual({ version: 'v1', because: 'in common' });
  });

  it('is the highest one in common even where both lists begin with it, which Velero passes over (Q25)', () => {
    const chosen = chooseVersion({
      archived: ['v3', 'v1beta1'],
      archivedPreferred: 'v1beta1',
      served: ['v3', 'v2'],
      servedPreferred: 'v2',
      wanted: [],
    });
    expect(chosen).toEqual({ version: 'v3', because: 'in common' });
  });

  it('is the one preferred at the backup, if nothing is in common or the resource is not served yet (priority 4)', () => {
    for (const served of [[], ['v3']])
      expect(chooseVersion(versions({ served, servedPreferred: served[0], wanted: ['v1'] }))).toEqual({
        version: 'v2',
        because: 'nothing in common',
      });
  });

  it('is left open by an archive that tells no preferred version and has nothing this cluster serves', () => {
    expect(chooseVersion(versions({ archivedPreferred: undefined, served: [] })).version).toBeUndefined();
    expect(chooseVersion(versions({ archivedPreferred: undefined, archived: [] })).version).toBeUndefined();
  });

  it('is one that is archived, and one that is served wherever there is one', () => {
    const names = fc.constantFrom('v1', 'v2', 'v3', 'v1beta1', 'v2alpha1', 'odd');
    const lists = fc.uniqueArray(names);
    fc.assert(
      fc.property(lists, lists, lists, fc.nat(), (archived, served, wanted, pick) => {
        fc.pre(archived.length > 0);
        const archivedPreferred = archived[pick % archived.length];
        const servedPreferred = served[pick % Math.max(1, served.length)];
        const { version } = chooseVersion({ archived, archivedPreferred, served, servedPreferred, wanted });
        expect(archived).toContain(version);
        if (archived.some((one) => served.includes(one))) expect(served).toContain(version);
      }),
    );
  });
});

describe('the operator’s priorities', () => {
  it('are read line by line, white space aside; of two lines about a resource the later counts', () => {
    const text = ' yachts.lab.example = v2, v1 \r\n\n  \npods=v1\nyachts.lab.example=v3\n';
    expect(readVersionPriorities(text)).toEqual({
      wanted: new Map([
        ['yachts.lab.example', ['v3']],
        ['pods', ['v1']],
      ]),
      problems: [],
    });
  });

  it.each(['yachts', '=v1', 'yachts=', 'a=b=c', '# a remark'])(
    'a line "%s" is passed over with a reason, the others count',
    (line) => {
      const { wanted, problems } = readVersionPriorities(`pods=v1\n${line}\nsecrets=v1`);
      expect([...wanted.keys()]).toEqual(['pods', 'secrets']);
      expect(problems).toEqual([expect.stringMatching(/^line 2 \(".*"\) .*; write resource\.group=v2,v1$/)]);
    },
  );

  it('never fail on any text, and a long line is shown in part', () => {
    fc.assert(fc.property(fc.string(), (text) => void readVersionPriorities(text)));
    expect(readVersionPriorities('x'.repeat(5_000)).problems[0]?.length).toBeLessThan(250);
  });
});
