import { CanaryError } from '../objects/canary-error.ts'
import { isKind, kindOf, refOf, workloadKinds } from '../objects/kinds.ts'
import { type KubeObject, type Labels, type Ref } from '../objects/kube-object.ts'
import { formatLabels } from '../objects/labels.ts'
import { podTemplatesOf } from '../objects/pod-templates.ts'
import { fieldsOf, labelsOf } from '../objects/unchecked.ts'
import type { TrialRouting } from './joined-routing.ts'
import type { RequestCaller } from '../routing/request/request.ts'
import type { GatewayEntrance } from '../routing/request/request-routing.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { portOf, type AskedCaller, type AskedRequest } from './asked-request.ts'

/** Who sends a request, and by which proxy it is decided. */
export interface TrialCaller {
  readonly proxy: RequestCaller
  /** `NAMESPACE/NAME` of the gateway that it comes in by. */
  readonly gateway?: string
  /** The workload that sends it; any with these labels when left out. */
  readonly workload?: Ref
}

/** What is needed to find a caller. */
export interface CallerQuestion {
  readonly view: ClusterView
  readonly provider: TrialRouting
  readonly asked: AskedRequest
  /** The namespace of the command. */
  readonly namespace: string
}

/**
 * The callers whose proxies decide about a request: the one that is named; else, for a host in the mesh, any workload
 * of the namespace, and for another one the gateways that answer for it. Throws a CanaryError `not-found` for one
 * that is not there.
 */
export function callersOf(question: CallerQuestion): readonly TrialCaller[] {
  const { view, provider, asked, namespace } = question
  if (asked.via !== undefined) return viaGateway(namedGateway(question, asked.via))
  if (asked.from !== undefined) return [fromWorkload(view, asked.from, namespace)]
  const inMesh: TrialCaller = { proxy: { kind: 'workload', namespace, labels: {} } }
  if (provider.meantBy(view, asked.host, namespace) !== undefined) return [inMesh]
  const gateways = provider.gatewaysFor(view, asked.host)
  const listening = gateways.filter(({ ports }) => ports.some(({ number }) => number === portOf(asked)))
  const entered = listening.length > 0 ? listening : gateways
  return entered.length > 0 ? entered.flatMap(viaGateway) : [inMesh]
}

const viaGateway = ({ name, proxies }: GatewayEntrance): readonly TrialCaller[] =>
  proxies.map(proxy => ({ proxy, gateway: name }))

function namedGateway({ view, provider, namespace, asked }: CallerQuestion, via: string): GatewayEntrance {
  const full = via.includes('/') ? via : `${namespace}/${via}`
  const found = provider.gatewayNamed(view, full)
  if (found !== undefined) return found
  const served = provider.gatewaysFor(view, asked.host).map(({ name }) => name)
  const known =
    served.length > 0 ? served : provider.gateways(view, namespace).filter(name => name !== 'mesh')
  throw new CanaryError('not-found', `Gateway ${full} not found`, {
    hints: [
      known.length === 0
        ? 'No Gateway was read.'
        : `${served.length > 0 ? `Gateways that answer for ${asked.host}` : 'Gateways'}: ${known.join(', ')}.`,
    ],
  })
}

function fromWorkload(view: ClusterView, asked: AskedCaller, own: string): TrialCaller {
  const namespace = asked.namespace ?? own
  if (asked.name === undefined) return { proxy: { kind: 'workload', namespace, labels: asked.labels ?? {} } }
  const object = senders(view, namespace).find(
    one =>
      one.metadata.name === asked.name
      && (asked.kind === undefined || kindOf(one)?.toLowerCase() === asked.kind),
  )
  if (object === undefined) throw notFound(view, asked, namespace)
  return {
    proxy: { kind: 'workload', namespace, labels: podLabelsOf(object) },
    workload: refOf(object),
  }
}

/** What may send requests: workloads, and pods that belong to none in view. */
const senders = (view: ClusterView, namespace: string): readonly KubeObject[] =>
  [...workloadKinds, 'Pod' as const].flatMap((kind): readonly KubeObject[] => view.list(kind, namespace))

/** The labels of the pods that it makes, or its own. */
const podLabelsOf = (object: KubeObject): Labels =>
  isKind('Pod', object)
    ? labelsOf(object.metadata.labels)
    : labelsOf(fieldsOf(fieldsOf(podTemplatesOf(object)[0])['metadata'])['labels'])

function notFound(view: ClusterView, { kind, name }: AskedCaller, namespace: string): CanaryError {
  const names = senders(view, namespace)
    .filter(object => !isKind('Pod', object) && !isKind('ReplicaSet', object))
    .map(object => `${object.kind.toLowerCase()}/${object.metadata.name}`)
  const shown = [...new Set(names)].toSorted().slice(0, 10)
  return new CanaryError('not-found', `${kind ?? 'workload'} ${name} not found in namespace ${namespace}`, {
    hints: [
      shown.length === 0
        ? 'Name labels instead, like --from app=webapp.'
        : `Workloads there: ${shown.join(', ')}${names.length > 10 ? ', …' : ''}. Or name labels, like --from app=webapp.`,
    ],
  })
}

/** The object of a caller; undefined for any workload. */
export const workloadOf = (view: ClusterView, { workload }: TrialCaller): KubeObject | undefined =>
  workload === undefined ? undefined : view.get(workload)

/** A caller as a key: callers with one key are decided alike. */
export const callerKey = ({ proxy: { kind, namespace, labels } }: TrialCaller): string =>
  `${kind} ${namespace} ${formatLabels(labels)}`

/** The namespaces that a request names beside that of the command. */
export const namespacesOf = ({ from, via }: AskedRequest): readonly string[] => [
  ...(from?.namespace === undefined ? [] : [from.namespace]),
  ...(via?.includes('/') === true ? [via.slice(0, via.indexOf('/'))] : []),
]
