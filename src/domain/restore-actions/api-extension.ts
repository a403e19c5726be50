import { at, mapList, put, textAt } from '../json.js';
import { forKinds, type PureRestoreItemAction } from './action.js';

/**
 * `pkg/restore/actions/admissionwebhook_config_action.go`: v1 knows only two side effects; objects from before v1 may hold
 * others and would be refused.
 */
export const admissionWebhooks: PureRestoreItemAction = {
  name: 'velero.io/admission-webhook-configuration',
  appliesTo: forKinds(
    'mutatingwebhookconfigurations.admissionregistration.k8s.io',
    'validatingwebhookconfigurations.admissionregistration.k8s.io',
  ),
  execute: ({ object }) => {
    if (textAt(object, 'apiVersion') !== 'admissionregistration.k8s.io/v1') return {};
    const changed = mapList(object, ['webhooks'], (webhook) =>
      ['None', 'NoneOnDryRun'].includes(textAt(webhook, 'sideEffects'))
        ? webhook
        : put(webhook, ['sideEffects'], 'None'),
    );
    return { object: changed };
  },
};

/** `pkg/restore/actions/apiservice_action.go`: the API server makes these itself, from CRDs and its own groups. */
export const apiServices: PureRestoreItemAction = {
  name: 'velero.io/apiservice',
  appliesTo: (groupResource, labels) =>
    groupResource === 'apiservices.apiregistration.k8s.io' &&
    Object.hasOwn(labels, 'kube-aggregator.kubernetes.io/automanaged'),
  execute: () => ({ skip: true }),
};

/**
 * `pkg/restore/actions/crd_v1_preserve_unknown_fields_action.go`: v1 refuses preserveUnknownFields, the schema says the same
 * thing instead.
 */
export const crdPreserveFields: PureRestoreItemAction = {
  name: 'velero.io/crd-preserve-fields',
  appliesTo: forKinds('customresourcedefinitions.apiextensions.k8s.io'),
  execute: ({ object }) => {
    const preserves = at(object, 'spec', 'preserveUnknownFields') === true;
    if (textAt(object, 'apiVersion') !== 'apiextensions.k8s.io/v1' || !preserves) return {};
    const opened = mapList(object, ['spec', 'versions'], (version) =>
      put(version, ['schema', 'openAPIV3Schema', 'x-kubernetes-preserve-unknown-fields'], true),
    );
    return { object: put(opened, ['spec', 'preserveUnknownFields'], false) };
  },
};
