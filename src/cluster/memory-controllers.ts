import { documentOf, toStored } from './memory-document.js';
import { json, textAt } from './memory-json.js';
import { type World } from './memory-removal.js';
import { type Stored } from './memory-store.js';
import { placeOf, type ServedType } from './memory-types.js';
import { createObject } from './memory-writes.js';

/** Public and not a secret: every namespace of a real cluster has the certificate of its API server. */
const rootCertificate = '-----BEGIN CERTIFICATE-----\nc2ltdWxhdGVk\n-----END CERTIFICATE-----\n';

const furnishNamespace = (world: World, namespace: string): void => {
  const furniture = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-root-ca.crt' },
      data: { 'ca.crt': rootCertificate },
    },
  ];
  for (const object of furniture) {
    const resource = `${object.kind.toLowerCase()}s`;
    const type = world.types.find({ group: '', version: 'v1', resource });
    if (type !== undefined) createObject(world, type, namespace, JSON.stringify(object));
  }
};

const setPhase = (world: World, resource: string, stored: Stored, phase: string): void => {
  const type = world.types.find({ group: '', version: 'v1', resource });
  if (type === undefined) return;
  const document = documentOf(stored);
  document.set('status', json({ phase }));
  const version = world.store.nextVersion();
  world.store.put(toStored(type, document, stored.name, stored.namespace, version), 'MODIFIED');
};

/** A claim and a volume that name each other are bound. */
const bind = (world: World, claim: Stored | undefined, volume: Stored | undefined): void => {
  if (claim === undefined || volume === undefined) return;
  const [wanted, reference] = [documentOf(claim), documentOf(volume)];
  const agree =
    textAt(wanted, 'spec', 'volumeName') === volume.name &&
    textAt(reference, 'spec', 'claimRef', 'name') === claim.name &&
    textAt(reference, 'spec', 'claimRef', 'namespace') === claim.namespace;
  if (!agree) return;
  setPhase(world, 'persistentvolumeclaims', claim, 'Bound');
  setPhase(world, 'persistentvolumes', volume, 'Bound');
};

/** What the controllers of a real cluster would do about a new object, as far as a restore meets it. */
export const afterCreate = (world: World, type: ServedType, body: Buffer): void => {
  const document = documentOf({ bytes: body });
  const name = textAt(document, 'metadata', 'name') ?? '';
  const namespace = textAt(document, 'metadata', 'namespace') ?? '';
  switch (placeOf(type)) {
    case '/namespaces':
      furnishNamespace(world, name);
      return;
    case '/persistentvolumeclaims': {
      const volume = textAt(document, 'spec', 'volumeName') ?? '';
      bind(
        world,
        world.store.get('/persistentvolumeclaims', { namespace, name }),
        world.store.get('/persistentvolumes', { name: volume }),
      );
      return;
    }
    case '/persistentvolumes': {
      const claim = {
        namespace: textAt(document, 'spec', 'claimRef', 'namespace') ?? '',
        name: textAt(document, 'spec', 'claimRef', 'name') ?? '',
      };
      bind(
        world,
        world.store.get('/persistentvolumeclaims', claim),
        world.store.get('/persistentvolumes', { name }),
      );
      return;
    }
    default:
  }
};
