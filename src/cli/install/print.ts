import { Document, isCollection, isMap } from 'yaml';
import { readCrds } from '../crds.js';
import { type Installed } from './objects.js';

/** The custom resource definitions with the label by which people find what belongs to Velero's API. */
const definitions = async (): Promise<readonly object[]> =>
  (await readCrds()).map(({ object }) => {
    const { metadata, ...rest } = object as { readonly metadata: object };
    return { ...rest, metadata: { ...metadata, labels: { component: 'velero' } } };
  });

/** Each rule of a role below the reason for it. */
const documentOf = ({ manifest, reasons }: Installed): Document => {
  const document = new Document(manifest);
  const rules = document.get('rules');
  if (!reasons || !isCollection(rules)) return document;
  for (const [index, reason] of reasons.entries()) {
    const rule: unknown = rules.items[index];
    if (isMap(rule)) rule.commentBefore = ` ${reason}`;
  }
  return document;
};

const withoutSecrets = (objects: readonly Installed[]): readonly Installed[] =>
  objects.filter(({ manifest }) => manifest.kind !== 'Secret');

/** What stands in the place of a Secret in a print for reading: terminals and logs of build servers keep what they show. */
const secretNotes = (objects: readonly Installed[]): readonly string[] =>
  objects
    .filter(({ manifest }) => manifest.kind === 'Secret')
    .map(
      ({ manifest: { metadata } }) =>
        `The Secret ${metadata.name} is not shown; --dry-run prints it, and so does nothing else. By hand: kubectl -n ${metadata.namespace ?? ''} create secret generic ${metadata.name} --from-file=cloud=<file>`,
    );

export interface Printing {
  readonly format: 'yaml' | 'json';
  /** Leave the contents of Secrets out. */
  readonly hideSecrets: boolean;
}

/** Everything as text that `kubectl apply -f -` takes: YAML documents, or one List in JSON, definitions first; and notes for people. */
export const printObjects = async (
  objects: readonly Installed[],
  { format, hideSecrets }: Printing,
): Promise<{ readonly text: string; readonly notes: readonly string[] }> => {
  const shown = hideSecrets ? withoutSecrets(objects) : objects;
  const notes = hideSecrets ? secretNotes(objects) : [];
  const crds = await definitions();
  if (format === 'json') {
    const items = [...crds, ...shown.map(({ manifest }) => manifest)];
    return { text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, undefined, 2), notes };
  }
  const documents = [...crds.map((crd) => new Document(crd)), ...shown.map(documentOf)];
  const text = documents.map((document) => document.toString({ lineWidth: 120 })).join('---\n');
  return { text: text.trimEnd(), notes };
};
