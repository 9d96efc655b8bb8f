import { refOf, workloadKinds } from '../../objects/kinds.ts'
import { controllerOf, keyOf, type KubeObject, type Labels } from '../../objects/kube-object.ts'
import type { Service } from '../../objects/core.ts'
import { formatLabels } from '../../objects/labels.ts'
import { applyCommand } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf, labelsOf } from '../../objects/unchecked.ts'
import { backingVariants, isDerivable, isDormant } from '../../workloads/backings.ts'
import { isPutOnAtRunTime } from '../../workloads/workload-indexes.ts'
import { containerPorts } from '../../providers/istio/resolve/objects/target-port.ts'
import { providerOfService } from '../../providers/istio/resolve/objects/providers.ts'
import { servicesSelecting } from '../../rules/facts/selecting-services.ts'
import type { CheckResult, NamespaceCheck, ServiceCheck } from '../check.ts'
import { likelyProtocol } from '../../workloads/mesh/likely-protocol.ts'
import { listed, nameIn } from '../facts/names.ts'
import { isGatewayProxy, isOnHostNetwork, podOf } from '../facts/proxies.ts'
import type { NamespaceSubject, ServiceSubject } from '../subject.ts'

const kinds = [...workloadKinds, 'Pod'] as const

const about = {
  id: 'workload-service',
  summary:
    'Each workload is behind a Service, even one that only calls others: the mesh knows an application by its Service.',
  fix: 'Create a Service that selects the pods: a headless one for a workload without ports.',
  needs: kinds,
  states: ['warn'],
} as const

/** The workloads of a namespace that no Service selects. */
export const workloadServices: NamespaceCheck = {
  ...about,
  *check(subject) {
    const { view, namespace } = subject
    const all = kinds
      .flatMap((kind): readonly KubeObject[] => view.list(kind, namespace))
      .filter(object => isMeant(subject, object) && !isServed(subject, object))
    for (const object of all) {
      const variants = backingVariants(view, object).map(({ labels }) => labels)
      if (variants.length === 0 || isSwitchedTo(subject, object)) continue
      if (variants.every(labels => servicesSelecting(view, namespace, labels).length === 0))
        yield without(subject, object, variants[0]!)
    }
    if (all.length > 0)
      yield {
        state: 'pass',
        message:
          all.length === 1
            ? 'the workload is behind a Service'
            : `each of the ${all.length} workloads is behind a Service`,
      }
  },
}

/** Blue/green by the selector of a Service: the version that waits is behind none. */
const isSwitchedTo = ({ switchedTo }: NamespaceSubject, object: KubeObject): boolean =>
  switchedTo?.has(`${object.kind}/${object.metadata.name}`) === true

/** The same from the side of one Service. */
export const serviceWorkloads: ServiceCheck = {
  ...about,
  *check(subject) {
    const { services, workloads, service } = subject
    if (workloads.length === 0) yield* services.flatMap(object => ofEmpty(subject, object))
    if (service.host === undefined && services.length === 0) yield madeLater(subject) ?? ofMissing(subject)
    const names = workloads.map(({ object }) => nameIn(service.namespace, object))
    if (names.length > 0)
      yield {
        state: 'pass',
        message: `${listed(names)} ${names.length === 1 ? 'is' : 'are'} behind the Service`,
      }
  },
}

/** A controller makes Services for its pods, or the rollout names some that are not in the files. */
function isServed({ rollouts = [], ...subject }: NamespaceSubject, object: KubeObject): boolean {
  const key = keyOf(refOf(object))
  return rollouts.some(
    ({ owner, target, state }) =>
      (target !== undefined && keyOf(target) === key)
      || (owner === key && !subject.live && state.services.some(({ name }) => !isInView(subject, name))),
  )
}

const isInView = ({ view, namespace }: Pick<NamespaceSubject, 'view' | 'namespace'>, name: string): boolean =>
  view.get({ kind: 'Service', namespace, name }) !== undefined

function ofEmpty({ live }: ServiceSubject, object: Service): readonly CheckResult[] {
  const { selector, form } = providerOfService(object)
  if (selector === undefined || form === 'alias') return []
  const { name } = object.metadata
  const labels = formatLabels(selector)
  const ref = refOf(object)
  return live
    ? [{ state: 'warn', ref, message: `Service ${name} selects ${labels}, which no workload has` }]
    : [{ state: 'unknown', ref, message: `no workload behind Service ${name} is in these files (${labels})` }]
}

/** A controller makes the Service. */
function madeLater({ owner, service }: ServiceSubject): CheckResult | undefined {
  const { makes = [] } = owner?.state ?? {}
  if (owner === undefined || !makes.includes(service.name)) return undefined
  return {
    state: 'pass',
    message: `${owner.title} makes ${makes.length === 1 ? 'Service' : 'Services'} ${listed(makes)} from spec.service of ${owner.owner}`,
  }
}

const ofMissing = ({ live, service }: ServiceSubject): CheckResult =>
  live
    ? { state: 'fail', message: `there is no Service ${service.name}` }
    : { state: 'unknown', message: `Service ${service.name} is not in these files` }

/** What runs all the time and can have a proxy: no Job, no gateway, and nothing that opts out. */
function isMeant({ view }: NamespaceSubject, object: KubeObject): boolean {
  if (isDerivable(view, object) || isDormant(object) || isGatewayProxy(object) || isOnHostNetwork(object))
    return false
  if (controllerOf(object)?.kind === 'Job') return false
  const { labels, annotations } = fieldsOf(podOf(object)['metadata'])
  return [labelsOf(labels), labelsOf(annotations)].every(each => each['sidecar.istio.io/inject'] !== 'false')
}

function without({ view, namespace }: NamespaceSubject, object: KubeObject, labels: Labels): CheckResult {
  const service = serviceFor({ view, namespace }, object, labels)
  return {
    state: 'warn',
    ref: refOf(object),
    message: `no Service selects the pods of ${nameIn(namespace, object)}`,
    fix:
      service === undefined
        ? {
            commands: [
              `Give its pods a label, such as app: ${object.metadata.name}, and create a Service that selects it.`,
            ],
          }
        : { commands: [applyCommand(service)], creates: [service] },
  }
}

/** The labels by which people select an application, the usual one first. */
const usual = ['app', 'app.kubernetes.io/name', 'k8s-app', 'name']

/** A Service for a workload; undefined where its pods have no label to select them by. */
function serviceFor(
  { view, namespace }: Pick<NamespaceSubject, 'view' | 'namespace'>,
  object: KubeObject,
  labels: Labels,
): KubeObject | undefined {
  const key =
    usual.find(each => labels[each] !== undefined)
    ?? Object.keys(labels).find(each => !isPutOnAtRunTime(each) && each !== 'version')
  if (key === undefined) return undefined
  const seen = new Set<number>()
  const ports = containerPorts(object)
    .filter(({ port, protocol }) => protocol === 'TCP' && !seen.has(port) && seen.add(port) !== undefined)
    .map(({ port, name }) => {
      const appProtocol = likelyProtocol({ name, port })
      return { name: `${appProtocol}-${port}`, port, targetPort: port, appProtocol }
    })
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: freeName(view, namespace, serviceName(labels[key]!, object)), namespace },
    spec: {
      ...(ports.length === 0 ? { clusterIP: 'None' } : { ports }),
      selector: { [key]: labels[key]! },
    },
  } as KubeObject
}

/** A Service's name is a DNS label that starts with a letter (RFC 1035). */
const serviceName = (label: string, { metadata }: KubeObject): string =>
  [label, metadata.name].find(name => /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) ?? 'app'

function freeName(view: NamespaceSubject['view'], namespace: string, name: string): string {
  const isFree = (each: string): boolean => !isInView({ view, namespace }, each)
  if (isFree(name)) return name
  for (let i = 2; ; i++) if (isFree(`${name.slice(0, 60)}-${i}`)) return `${name.slice(0, 60)}-${i}`
}
