import { refOf } from '../../objects/kinds.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, labelsOf } from '../../objects/unchecked.ts'
import { membershipOf, membershipOfWorkload } from '../../providers/istio/resolve/membership.ts'
import type { CheckResult, NamespaceCheck, ReadinessFix, ServiceCheck } from '../check.ts'
import { enrolLabels, enrolment } from '../facts/enrol.ts'
import { nameIn } from '../facts/names.ts'
import { removeField, restartCommands } from '../facts/patches.ts'
import { isOnHostNetwork, podOf } from '../facts/proxies.ts'
import type { BehindService, NamespaceSubject, ServiceSubject } from '../subject.ts'

const injectionCheck = {
  id: 'injection',
  summary:
    'The pods are in the mesh: the namespace asks for sidecars or for ambient mode, and no pod template opts out.',
  fix: 'Label the namespace `istio-injection=enabled`, `istio.io/rev=REVISION` or `istio.io/dataplane-mode=ambient`, and restart the pods.',
  needs: ['Namespace'],
  states: ['warn'],
  ofMesh: true,
} as const

const injectKey = 'sidecar.istio.io/inject'

/** Without a proxy a workload follows no routes as a caller, and has no mTLS. */
export const namespaceInjection: NamespaceCheck = {
  ...injectionCheck,
  *check(subject) {
    yield ofNamespace(subject)
  },
}

/** The same of one service: its pod templates may differ from its namespace. */
export const serviceInjection: ServiceCheck = {
  ...injectionCheck,
  *check(subject) {
    const { view, service, workloads, live, isOneOfMany, services } = subject
    if (services.length === 0) return
    const whole = membershipOf(view, service.namespace)
    const isInside = whole.sidecar === 'yes' || whole.ambient
    const each = workloads.map(workload => ({
      workload,
      membership: membershipOfWorkload(view, workload.object),
    }))
    const outside = each.filter(({ membership: { sidecar, ambient } }) => sidecar !== 'yes' && !ambient)
    if (!isInside && (outside.length > 0 || each.length === 0)) {
      if (!isOneOfMany) yield ofNamespace({ view, namespace: service.namespace, live })
      return
    }
    for (const { workload, membership } of outside)
      if (membership.sidecar === 'no') yield optedOut(subject, workload)
    if (!isOneOfMany || !isInside)
      yield { state: 'pass', message: sayingInside(each) ?? sayingLabels(subject) }
  },
}

function sayingInside(
  each: readonly { readonly membership: ReturnType<typeof membershipOfWorkload> }[],
): string | undefined {
  if (each.length === 0) return undefined
  const isAmbient = each.every(({ membership }) => membership.ambient)
  return isAmbient ? 'the pods are in ambient mode' : 'the pods get sidecars'
}

const sayingLabels = ({ view, service }: ServiceSubject): string =>
  membershipOf(view, service.namespace).ambient
    ? 'the namespace is in ambient mode'
    : 'the namespace asks for sidecars'

function optedOut({ service }: ServiceSubject, { object }: BehindService): CheckResult {
  const name = nameIn(service.namespace, object)
  if (isOnHostNetwork(object))
    return { state: 'pass', message: `${name} uses the network of its node and cannot have a sidecar` }
  const { labels, annotations } = fieldsOf(podOf(object)['metadata'])
  const field = labelsOf(labels)[injectKey] !== undefined ? 'labels' : 'annotations'
  const isSaid = labelsOf(field === 'labels' ? labels : annotations)[injectKey] !== undefined
  if (!isSaid)
    return {
      state: 'warn',
      ref: refOf(object),
      message: `the pods of ${name} have no sidecar`,
      fix: { commands: restartCommands([object]), files: [] },
    }
  const path =
    object.kind === 'Pod'
      ? ['metadata', field, injectKey]
      : ['spec', 'template', 'metadata', field, injectKey]
  return {
    state: 'warn',
    ref: refOf(object),
    message: `the pod template of ${name} opts out of sidecars (${injectKey} in its ${field})`,
    fix: removeField(object, path),
  }
}

function ofNamespace(subject: NamespaceSubject): CheckResult {
  const { view, namespace } = subject
  const object = view.get({ kind: 'Namespace', namespace: '', name: namespace })
  const ref = { kind: 'Namespace', namespace: '', name: namespace } as const
  const missing = subject.live ? 'could not be read' : 'is not in these files'
  if (object === undefined)
    return {
      state: 'unknown',
      ref,
      message: `Namespace ${namespace} ${missing}: its labels say whether the pods are in the mesh`,
    }
  const { sidecar, ambient } = membershipOf(view, namespace)
  if (sidecar !== 'yes' && !ambient) return { ref, ...notInMesh(subject, object, sidecar === 'unknown') }
  const said = enrolment(labelsOf(object.metadata.labels)) ?? 'by their labels'
  return {
    state: 'pass',
    ref,
    message: `${ambient ? 'the pods are in ambient mode' : 'the pods get sidecars'} (${said})`,
  }
}

/** A namespace that asks for nothing, or that refuses; where its labels leave it open, nobody can tell. */
function notInMesh(
  subject: NamespaceSubject,
  object: KubeObject,
  isUnknown: boolean,
): Pick<CheckResult, 'state' | 'message' | 'fix'> {
  const { namespace, live } = subject
  const said = enrolment(labelsOf(object.metadata.labels))
  const isOpen = isUnknown && (said !== undefined || !live || refusedElsewhere(subject))
  return {
    state: isOpen ? 'unknown' : 'warn',
    message: isOpen
      ? `the labels of Namespace ${namespace} do not say whether its pods get sidecars`
      : `Namespace ${namespace} is not in the mesh: ${said ?? 'it asks for neither sidecars nor ambient mode'}`,
    fix: enrolling(subject, object),
  }
}

/** Where namespaces are injected by default, those that must not be are labelled. */
const refusedElsewhere = ({ view }: NamespaceSubject): boolean =>
  view.list('Namespace').some(({ metadata }) => labelsOf(metadata.labels)['istio-injection'] === 'disabled')

function enrolling({ view, namespace }: NamespaceSubject, object: KubeObject): ReadinessFix {
  const { add, remove } = enrolLabels(view, labelsOf(object.metadata.labels))
  const marks = [
    ...Object.entries(add).map(([key, value]) => `${key}=${value}`),
    ...remove.map(key => `${key}-`),
  ]
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const
  const restarted = kinds.filter(kind => view.list(kind, namespace).length > 0)
  const ref = refOf(object)
  return {
    commands: [
      `kubectl label namespace ${namespace} ${marks.join(' ')} --overwrite`,
      ...(add['istio.io/dataplane-mode'] === undefined
        ? restarted.map(kind => `kubectl rollout restart ${kind.toLowerCase()} -n ${namespace}`)
        : []),
    ],
    sets: [
      ...Object.entries(add).map(([key, value]) => ({ ref, path: ['metadata', 'labels', key], value })),
      ...remove.map(key => ({ ref, path: ['metadata', 'labels', key], value: undefined })),
    ],
  }
}
