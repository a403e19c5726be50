/** Kubernetes objects as users write them, with no more in them than a test needs. */

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly finalizers?: readonly string[];
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

type Labels = Readonly<Record<string, string>>;

const object = (
  apiVersion: string,
  kind: string,
  place: readonly [namespace: string | undefined, name: string],
  rest: object = {},
  labels?: Labels,
): KubeObject => {
  const [namespace, name] = place;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }), ...(labels && { labels }) },
    ...rest,
  };
};

export const namespaceOf = (name: string, labels?: Labels): KubeObject =>
  object('v1', 'Namespace', [undefined, name], {}, labels);

export const configMap = (namespace: string, name: string, data: object = {}, labels?: Labels): KubeObject =>
  object('v1', 'ConfigMap', [namespace, name], { data }, labels);

export const secret = (namespace: string, name: string, data: object = {}): KubeObject =>
  object('v1', 'Secret', [namespace, name], { type: 'Opaque', data });

export const serviceAccount = (namespace: string, name: string, rest: object = {}): KubeObject =>
  object('v1', 'ServiceAccount', [namespace, name], rest);

export const service = (namespace: string, name: string, spec: object = {}): KubeObject =>
  object('v1', 'Service', [namespace, name], {
    spec: { selector: { app: name }, ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }], ...spec },
  });

const podSpec = (account?: string) => ({
  containers: [{ name: 'main', image: 'registry.example/app:1' }],
  ...(account !== undefined && { serviceAccountName: account }),
});

export const deployment = (namespace: string, name: string, labels?: Labels): KubeObject =>
  object(
    'apps/v1',
    'Deployment',
    [namespace, name],
    {
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: podSpec() },
      },
    },
    labels,
  );

/** `phase` is that of the pod's status, as its kubelet would have written it. */
export const pod = (namespace: string, name: string, phase = 'Running', account?: string): KubeObject =>
  object('v1', 'Pod', [namespace, name], { spec: podSpec(account), status: { phase } });

export const job = (namespace: string, name: string, completionTime?: string): KubeObject =>
  object('batch/v1', 'Job', [namespace, name], {
    spec: { template: { spec: { ...podSpec(), restartPolicy: 'Never' } } },
    ...(completionTime !== undefined && { status: { completionTime, succeeded: 1 } }),
  });

export const clusterRole = (name: string, labels?: Labels): KubeObject =>
  object(
    'rbac.authorization.k8s.io/v1',
    'ClusterRole',
    [undefined, name],
    { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
    labels,
  );

/** Gives `role` to a service account. */
export const clusterRoleBinding = (
  name: string,
  role: string,
  account: readonly [string, string],
): KubeObject =>
  object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', [undefined, name], {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', namespace: account[0], name: account[1] }],
  });

/** Defines `Widget` of `shop.example`, namespaced, any content. */
export const widgetDefinition = (): KubeObject =>
  object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', [undefined, 'widgets.shop.example'], {
    spec: {
      group: 'shop.example',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });

export const widget = (namespace: string, name: string, spec: object = {}): KubeObject =>
  object('shop.example/v1', 'Widget', [namespace, name], { spec });

/** A small application: one of each of what most namespaces hold. */
export const shop = (namespace = 'shop'): readonly KubeObject[] => [
  namespaceOf(namespace, { team: 'sales' }),
  configMap(namespace, 'settings', { greeting: 'hello' }, { tier: 'front' }),
  secret(namespace, 'db', { password: 'bm90IGEgc2VjcmV0' }),
  serviceAccount(namespace, 'web'),
  service(namespace, 'web'),
  deployment(namespace, 'web', { tier: 'front' }),
];
