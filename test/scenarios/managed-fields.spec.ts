import { describe, expect, it } from 'vitest';
import { configMap, namespaceOf, type KubeObject } from '../builders.js';
import { createWorld, type World } from './world.js';

/** As the API server notes who set a field, and how. */
const managed = (name: string, operation: 'Apply' | 'Update'): KubeObject => {
  const plain = configMap('shop', name, { a: '1' });
  const entry = {
    manager: 'deployer',
    operation,
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { 'f:a': {} } },
  };
  return { ...plain, metadata: { ...plain.metadata, managedFields: [entry] } as KubeObject['metadata'] };
};

/** Names of the objects whose managed fields were written by a restore, in a request of its own. */
const writtenBy = async (choice: 'auto' | 'always' | 'never'): Promise<readonly string[]> => {
  const world: World = await createWorld({ config: { restoreManagedFields: choice } });
  const written: string[] = [];
  await world.start({
    cluster: {
      ...world.cluster,
      patch: (type, ref, kind, body, options) => {
        if (Buffer.from(body).toString('utf8').includes('"managedFields"')) written.push(ref.name);
        return world.cluster.patch(type, ref, kind, body, options);
      },
    },
  });
  await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
  await world.apply(namespaceOf('shop'), managed('applied', 'Apply'), managed('updated', 'Update'));
  await world.backup('b1', { includedNamespaces: ['shop'] });
  const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
  expect(restore.status?.phase).toBe('Completed');
  return written.sort();
};

describe('The managed fields of restored objects', () => {
  it('are written back where a server-side apply has set fields, for only there they decide anything', async () => {
    expect(await writtenBy('auto')).toEqual(['applied']);
  });

  it('behaviour 61: are written back for every object with --restore-managed-fields always', async () => {
    expect(await writtenBy('always')).toEqual(['applied', 'updated']);
  });

  it('are left to the API server with --restore-managed-fields never', async () => {
    expect(await writtenBy('never')).toEqual([]);
  });
});
