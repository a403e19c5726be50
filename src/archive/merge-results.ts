import type { Results } from './sidecar-types.js';

/** An error that came up after the results of an operation were stored. */
export interface LateError {
  /** '' where it concerns the operation itself. */
  readonly namespace: string;
  readonly text: string;
}

/** The results with more errors; one that is among them already is not added again, so that a repeat changes nothing. */
export const withErrors = ({ errors, warnings }: Results, late: readonly LateError[]): Results => {
  const velero = [...(errors.velero ?? [])];
  const namespaces = new Map(
    Object.entries(errors.namespaces ?? {}).map(([name, texts]) => [name, [...texts]]),
  );
  for (const { namespace, text } of late) {
    const list = namespace === '' ? velero : (namespaces.get(namespace) ?? []);
    if (!list.includes(text)) list.push(text);
    if (namespace !== '') namespaces.set(namespace, list);
  }
  return { errors: { ...errors, velero, namespaces: Object.fromEntries(namespaces) }, warnings };
};
