import { type ResourceType } from './port.js';

/** A kind as the simulated cluster serves it. */
export interface ServedType extends ResourceType {
  /** Its status is written through the sub-resource only. */
  readonly statusSubresource: boolean;
  /** `metadata.generation` counts the changes of everything but metadata and status. */
  readonly countsGeneration: boolean;
}

/** The kinds of Kubernetes 1.34 in discovery order: `resource Kind short,names flags`. */
const builtIn: Readonly<Record<string, string>> = {
  v1: `
    bindings Binding - create-only
    componentstatuses ComponentStatus cs cluster read-only
    configmaps ConfigMap cm
    endpoints Endpoints ep
    events Event ev
    limitranges LimitRange limits
    namespaces Namespace ns cluster status no-collection
    nodes Node no cluster status
    persistentvolumeclaims PersistentVolumeClaim pvc status
    persistentvolumes PersistentVolume pv cluster status
    pods Pod po status generation
    podtemplates PodTemplate - generation
    replicationcontrollers ReplicationController rc status generation
    resourcequotas ResourceQuota quota status
    secrets Secret -
    serviceaccounts ServiceAccount sa
    services Service svc status
  `,
  'apiregistration.k8s.io/v1': `
    apiservices APIService - cluster status
  `,
  'apps/v1': `
    controllerrevisions ControllerRevision -
    daemonsets DaemonSet ds status generation
    deployments Deployment deploy status generation
    replicasets ReplicaSet rs status generation
    statefulsets StatefulSet sts status generation
  `,
  'events.k8s.io/v1': `
    events Event ev
  `,
  'authentication.k8s.io/v1': `
    selfsubjectreviews SelfSubjectReview - cluster create-only
    tokenreviews TokenReview - cluster create-only
  `,
  'authorization.k8s.io/v1': `
    localsubjectaccessreviews LocalSubjectAccessReview - create-only
    selfsubjectaccessreviews SelfSubjectAccessReview - cluster create-only
    selfsubjectrulesreviews SelfSubjectRulesReview - cluster create-only
    subjectaccessreviews SubjectAccessReview - cluster create-only
  `,
  'autoscaling/v2': `
    horizontalpodautoscalers HorizontalPodAutoscaler hpa status
  `,
  'batch/v1': `
    cronjobs CronJob cj status generation
    jobs Job - status generation
  `,
  'certificates.k8s.io/v1': `
    certificatesigningrequests CertificateSigningRequest csr cluster status
  `,
  'networking.k8s.io/v1': `
    ingressclasses IngressClass - cluster generation
    ingresses Ingress ing status generation
    ipaddresses IPAddress ip cluster
    networkpolicies NetworkPolicy netpol generation
    servicecidrs ServiceCIDR - cluster status generation
  `,
  'policy/v1': `
    poddisruptionbudgets PodDisruptionBudget pdb status generation
  `,
  'rbac.authorization.k8s.io/v1': `
    clusterrolebindings ClusterRoleBinding - cluster
    clusterroles ClusterRole - cluster
    rolebindings RoleBinding -
    roles Role -
  `,
  'storage.k8s.io/v1': `
    csidrivers CSIDriver - cluster
    csinodes CSINode - cluster
    csistoragecapacities CSIStorageCapacity -
    storageclasses StorageClass sc cluster
    volumeattachments VolumeAttachment - cluster status
    volumeattributesclasses VolumeAttributesClass vac cluster generation
  `,
  'admissionregistration.k8s.io/v1': `
    mutatingwebhookconfigurations MutatingWebhookConfiguration - cluster generation
    validatingadmissionpolicies ValidatingAdmissionPolicy - cluster status generation
    validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding - cluster generation
    validatingwebhookconfigurations ValidatingWebhookConfiguration - cluster generation
  `,
  'apiextensions.k8s.io/v1': `
    customresourcedefinitions CustomResourceDefinition crd,crds cluster status generation
  `,
  'scheduling.k8s.io/v1': `
    priorityclasses PriorityClass pc cluster generation
  `,
  'coordination.k8s.io/v1': `
    leases Lease -
  `,
  'node.k8s.io/v1': `
    runtimeclasses RuntimeClass - cluster
  `,
  'discovery.k8s.io/v1': `
    endpointslices EndpointSlice -
  `,
  'resource.k8s.io/v1': `
    deviceclasses DeviceClass - cluster generation
    resourceclaims ResourceClaim - status
    resourceclaimtemplates ResourceClaimTemplate -
    resourceslices ResourceSlice - cluster generation
  `,
  'flowcontrol.apiserver.k8s.io/v1': `
    flowschemas FlowSchema - cluster status generation
    prioritylevelconfigurations PriorityLevelConfiguration - cluster status generation
  `,
};

const everyVerb = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;

const verbsOf = (flags: readonly string[]): readonly string[] => {
  if (flags.includes('create-only')) return ['create'];
  if (flags.includes('read-only')) return ['get', 'list'];
  return flags.includes('no-collection')
    ? everyVerb.filter((verb) => verb !== 'deletecollection')
    : everyVerb;
};

const readLine = (group: string, version: string, line: string): ServedType => {
  const [resource = '', kind = '', shortNames = '-', ...flags] = line.trim().split(' ');
  return {
    group,
    version,
    resource,
    kind,
    singular: kind.toLowerCase(),
    shortNames: shortNames === '-' ? [] : shortNames.split(','),
    namespaced: !flags.includes('cluster'),
    verbs: verbsOf(flags),
    statusSubresource: flags.includes('status'),
    countsGeneration: flags.includes('generation'),
  };
};

export const builtInTypes: readonly ServedType[] = Object.entries(builtIn).flatMap(
  ([groupVersion, lines]) => {
    const slash = groupVersion.indexOf('/');
    const group = groupVersion.slice(0, Math.max(slash, 0));
    const version = groupVersion.slice(slash + 1);
    return lines
      .trim()
      .split('\n')
      .map((line) => readLine(group, version, line));
  },
);

/** Where objects of a type lie; all versions of a kind share one place. */
export const placeOf = (type: Pick<ResourceType, 'group' | 'resource'>): string =>
  `${type.group}/${type.resource}`;

/** A type given from outside, with what the port's words for a type leave open. */
export const servedType = (type: ResourceType): ServedType => ({
  ...type,
  statusSubresource: false,
  countsGeneration: true,
});
