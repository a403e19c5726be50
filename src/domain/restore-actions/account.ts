import { nameOf } from '../item.js';
import { listAt, mapList, objectAt, put, textAt, without, type JsonObject } from '../json.js';
import { mapNamespace } from '../restore-selection.js';
import { forKinds, type RestoreActionInput, type PureRestoreItemAction } from './action.js';

/**
 * `pkg/restore/actions/service_account_action.go`: the account's own token secret is not restored, so the reference to it
 * goes as well: one, the last that fits.
 */
export const serviceAccountAction: PureRestoreItemAction = {
  name: 'velero.io/service-account',
  appliesTo: forKinds('serviceaccounts'),
  execute: ({ object }) => {
    const secrets = listAt(object, 'secrets');
    const last = secrets.findLastIndex((secret) =>
      textAt(secret, 'name').startsWith(`${nameOf(object)}-token-`),
    );
    return last < 0 ? {} : { object: put(object, ['secrets'], secrets.toSpliced(last, 1)) };
  },
};

const TOKEN_TYPE = 'kubernetes.io/service-account-token';

const withoutToken = (secret: JsonObject): JsonObject => {
  const annotations = objectAt(secret, 'metadata', 'annotations');
  const anonymous = without(annotations, ['kubernetes.io/service-account.uid']);
  const data = objectAt(secret, 'data');
  const left = without(data, ['token', 'ca.crt']);
  const reset = anonymous === annotations ? secret : put(secret, ['metadata', 'annotations'], anonymous);
  return left === data ? reset : put(reset, ['data'], left);
};

/**
 * `pkg/restore/actions/secret_action.go`: the token of a living account is left out, its cluster makes one; a token
 * somebody asked for by hand comes back empty and is filled here. Accounts are looked up in the original namespace, even
 * when the secret goes elsewhere, as Velero does.
 */
export const secretAction: PureRestoreItemAction = {
  name: 'velero.io/secret',
  appliesTo: forKinds('secrets'),
  execute: ({ object, serviceAccountNames = [] }) => {
    if (textAt(object, 'type') !== TOKEN_TYPE) return {};
    const generated = serviceAccountNames.some((account) => nameOf(object).startsWith(`${account}-token-`));
    return generated ? { skip: true } : { object: withoutToken(object) };
  },
};

const withMappedSubjects = ({ object, restore }: RestoreActionInput): { readonly object: JsonObject } => ({
  object: mapList(object, ['subjects'], (subject) => {
    const namespace = textAt(subject, 'namespace');
    const target = mapNamespace(restore.namespaceMapping, namespace);
    return namespace === '' || target === namespace ? subject : put(subject, ['namespace'], target);
  }),
});

/** `pkg/restore/actions/rolebinding_action.go`: rights follow the accounts to the namespaces they are mapped to. */
export const roleBindings: PureRestoreItemAction = {
  name: 'velero.io/role-bindings',
  appliesTo: forKinds('rolebindings.rbac.authorization.k8s.io'),
  execute: withMappedSubjects,
};

/** `pkg/restore/actions/clusterrolebinding_action.go`: the same for bindings of the whole cluster. */
export const clusterRoleBindings: PureRestoreItemAction = {
  name: 'velero.io/cluster-role-bindings',
  appliesTo: forKinds('clusterrolebindings.rbac.authorization.k8s.io'),
  execute: withMappedSubjects,
};
