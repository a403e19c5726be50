import { describe, expect, it } from 'vitest';
import { put } from '../../src/domain/json.js';
import { applyJsonPatch, type PatchOperation } from '../../src/domain/json-patch.js';
import { mergePatch } from '../../src/domain/merge-patch.js';
import { compileExpression } from '../../src/domain/re2.js';
import { strategicMerge } from '../../src/domain/resource-modifiers/strategic-merge.js';
import { parseModifiers } from '../../src/domain/resource-modifiers/parse.js';
import { compileModifiers } from '../../src/domain/resource-modifiers/apply.js';
import { compileGlob } from '../../src/domain/separated-glob.js';
import { validateBackup } from '../../src/domain/validate-backup.js';
import { compileWildcard } from '../../src/domain/wildcard.js';
import { bounded } from '../bounded.js';

/** The longest name that Kubernetes has, and one character that does not fit. */
const NAME = `${'a'.repeat(252)}!`;

/** More characters for a class than an honest one has, none of which is in a name. */
const STRANGE = Array.from({ length: 3_900 }, (_, i) => String.fromCharCode(0x4e00 + 2 * i)).join('');

describe('An expression that would take a backtracking reader forever', () => {
  it.each([
    ['repetitions of repetitions', '(a+)+$'],
    ['repetitions nested eight times', '((((((((a*)*)*)*)*)*)*)*)*b'],
    ['alternatives that are the same', '(a|a|a|a)*b'],
    ['optional characters', `${'a?'.repeat(200)}${'a'.repeat(200)}b`],
    ['thousands of optional characters', '(.?){1000}'.repeat(4)],
    ['repetitions multiplied', '((a{0,30}){0,30}){0,30}b'],
    ['repetitions that would fill the memory', '(((((x{1000}){1000}){1000}){1000}){1000})'],
    ['a class of thousands, repeated', `[${STRANGE}a]{1000}b`],
    ['a class of thousands in either case, repeated', `(?i)[${STRANGE}a]{1000}b`],
    ['a class of Unicode, repeated', String.raw`(\p{L}{300}|\p{Lu}{300}|\P{Greek}{300})+b`],
    ['a huge alternation', Array.from({ length: 1_300 }, (_, i) => `a${i % 10}`).join('|')],
    ['alternatives of nothing', '|'.repeat(4_096)],
    ['groups in each other', '('.repeat(2_000) + ')'.repeat(2_000)],
    ['edges of words', `(${String.raw`\b|\B|`.repeat(600)})*b`],
    ['quotes', String.raw`\Qa\E`.repeat(680)],
    ['brackets', '['.repeat(4_096)],
    ['braces', 'a{'.repeat(2_048)],
  ])('ends soon: %s', (_what, pattern) => {
    const { matched } = bounded(() => {
      const compiled = compileExpression(pattern);
      return { matched: compiled.ok ? compiled.matches(NAME) : compiled.problem };
    });
    expect(matched).not.toBe('');
  });
});

describe('A glob that would take a backtracking reader forever', () => {
  const globs = [
    ['stars', '*'.repeat(1_000_000)],
    ['stars between letters', '*a'.repeat(2_400)],
    ['opening brackets', '['.repeat(1_000_000)],
    ['a bracket that closes at last', `${'['.repeat(1_000_000)}]`],
    ['empty brackets', '[]'.repeat(500_000)],
    ['classes', '[a-z]'.repeat(200_000)],
    ['negations', '[!'.repeat(300_000)],
    ['braces in each other', '{'.repeat(1_000_000)],
    ['a huge alternation', `{${'*a*,'.repeat(2_000)}}`],
    ['alternations in a row', '{a,*,aa}'.repeat(400)],
    ['backslashes', '\\'.repeat(1_000_000)],
  ] as const;

  it.each(globs)('ends soon in a resource modifier: %s', (_what, pattern) => {
    const answer = bounded(() => {
      const glob = compileGlob(pattern, '.');
      return glob.ok ? glob.matches(NAME) : glob.problem.length > 0;
    });
    expect(typeof answer).toBe('boolean');
  });

  it.each(globs)('ends soon in a filter: %s', (_what, pattern) => {
    expect(typeof bounded(() => compileWildcard(pattern)(NAME))).toBe('boolean');
  });

  it.each(globs)('is a problem of a spec, or none, soon: %s', (_what, pattern) => {
    const problems = bounded(() =>
      validateBackup({
        spec: { includedNamespaces: [pattern] },
        location: { found: true, name: 'default', phase: 'Available', chosenByServer: true },
      }),
    );
    expect(problems.map(({ field }) => field.join('.'))).toEqual(['spec.includedNamespaces']);
    expect(problems[0]?.message.length).toBeLessThan(400);
  });

  it('ends soon where a rule has hundreds of them', () => {
    const namespaces = Array.from({ length: 100 }, () => `${'*a'.repeat(1_500)}x`);
    const parsed = parseModifiers({
      version: 'v1',
      resourceModifierRules: [{ conditions: { groupResource: 'pods', namespaces } }],
    });
    if (!parsed.ok) return expect.fail('refused');
    const none = { json: () => ({ problem: 'is none' }), yaml: () => ({ problem: 'is none' }) };
    const [rule] = compileModifiers(parsed.rules, none);
    const match = bounded(() =>
      rule?.match({ kind: 'Pod' }, { groupResource: 'pods', originalNamespace: 'a'.repeat(63) }),
    );
    expect(match).toEqual({ matched: false });
  });
});

describe('Long lists in a spec', () => {
  const names = (prefix: string) => Array.from({ length: 100_000 }, (_, i) => `${prefix}${i}`);

  it('are compared soon, and their problems are told in part', () => {
    const [included, excluded] = [names('a'), names('a')];
    const problems = bounded(() =>
      validateBackup({
        spec: { includedNamespaces: included, excludedNamespaces: excluded },
        location: { found: true, name: 'default', phase: 'Available', chosenByServer: true },
        namespacesExcludedByLabel: names('b').slice(0, 10_000),
      }),
    );
    expect(problems).toHaveLength(100_000);
  });
});

describe('A patch of an object', () => {
  const big = (length: number) => Array.from({ length }, (_, i) => i);

  it('that copies a large list over and over is refused soon', () => {
    const steps = Array.from({ length: 15_000 }, (_, i): PatchOperation => ({
      op: 'copy',
      from: '/list',
      path: `/copy${i}`,
    }));
    const patched = bounded(() => applyJsonPatch({ list: big(50_000) }, steps));
    expect(patched).toMatchObject({
      ok: false,
      reason: expect.stringContaining('would be copied') as string,
    });
  });

  it('may copy a list that is longer than a call has arguments, or says that it may not', () => {
    const copy: PatchOperation = { op: 'copy', from: '/list', path: '/copy' };
    expect(applyJsonPatch({ list: big(400_000) }, [copy]).ok).toBe(false);
    expect(applyJsonPatch({ list: big(90_000) }, [copy]).ok).toBe(true);
  });

  it('that adds to the front of a list over and over ends soon', () => {
    const steps = Array.from({ length: 5_000 }, (): PatchOperation => ({
      op: 'add',
      path: '/list/0',
      value: 1,
    }));
    expect(bounded(() => applyJsonPatch({ list: big(5_000) }, steps)).ok).toBe(true);
  });

  it('that goes down and down ends soon', () => {
    const path = '/a'.repeat(500_000);
    expect(bounded(() => applyJsonPatch({}, [{ op: 'add', path, value: 1 }])).ok).toBe(false);
    expect(bounded(() => applyJsonPatch({}, [{ op: 'test', path, value: 1 }])).ok).toBe(false);
  });

  it('that merges long lists by their keys ends soon', () => {
    const entries = (from: number) =>
      Array.from({ length: 10_000 }, (_, i) => ({ name: `c${from + i}`, image: 'a' }));
    const pod = { apiVersion: 'v1', kind: 'Pod', spec: { containers: entries(0) } };
    const patch = (containers: readonly object[]) => ({ spec: { containers } });
    const merged = bounded(() => strategicMerge(pod, patch(entries(5_000)), pod));
    expect('value' in merged && (merged.value['spec'] as { containers: unknown[] }).containers).toHaveLength(
      15_000,
    );
    const deletes = entries(0).map(({ name }) => ({ $patch: 'delete', name }));
    const emptied = bounded(() => strategicMerge(pod, patch(deletes), pod));
    expect(emptied).toEqual({ value: put(pod, ['spec', 'containers'], []) });
    const order = entries(0)
      .map(({ name }) => ({ name }))
      .reverse();
    const ordered = bounded(() =>
      strategicMerge(pod, { spec: { '$setElementOrder/containers': order } }, pod),
    );
    expect(ordered).toEqual({ value: put(pod, ['spec', 'containers'], [...entries(0)].reverse()) });
  });

  it('that merges long lists of texts ends soon', () => {
    const finalizers = Array.from({ length: 20_000 }, (_, i) => `lab.example/f${i}`);
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { finalizers } };
    const patch = { metadata: { finalizers: [...finalizers].reverse() } };
    const merged = bounded(() => strategicMerge(object, patch, object));
    expect('value' in merged).toBe(true);
    const all = { metadata: { '$deleteFromPrimitiveList/finalizers': finalizers } };
    expect(bounded(() => strategicMerge(object, all, object))).toEqual({
      value: put(object, ['metadata', 'finalizers'], []),
    });
    const keys = Object.fromEntries(finalizers.map((name) => [name, 1]));
    const kept = bounded(() => strategicMerge({ ...object, ...keys }, { $retainKeys: finalizers }, object));
    expect(kept).toEqual({ value: keys });
  });

  it('that merges wide maps ends soon', () => {
    const wide = Object.fromEntries(big(50_000).map((i) => [`k${i}`, { a: i }]));
    expect(Object.keys(bounded(() => mergePatch(wide, wide)))).toHaveLength(50_000);
  });
});
