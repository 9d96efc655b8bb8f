import { namespaceOf, type Labels } from '../../../../objects/kube-object.ts'
import type { Sidecar } from '../../../../objects/istio.ts'
import { matches } from '../../../../objects/labels.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { hostsMeet } from '../indexes/routing.ts'
import {
  derivedOnce,
  fieldsOf,
  isFields,
  itemsOf,
  labelsOf,
  numberOf,
  textOf,
  textsOf,
} from '../../../../objects/unchecked.ts'
import { once } from '../../../../view/session.ts'
import type { CallingWorkload } from '../destination-rules.ts'
import { parseProtocol, type PortProtocol } from '../../../../workloads/mesh/port-protocol.ts'
import { byAge } from '../visibility.ts'

/** `namespace/host` of a Sidecar; the namespace `*` is any. */
interface Import {
  readonly namespace: string
  readonly host: string
}

/** What a client's proxy may call by one listener of its Sidecar. */
export interface EgressListener {
  /** Undefined for the listener of all ports that the others have not. */
  readonly port: number | undefined
  /** What the listener speaks, whatever the Services behind it do; said along with the port only. */
  readonly protocol: PortProtocol
  readonly imports: readonly Import[]
  /** What `~namespace/host` takes away from all that is imported. */
  readonly excludes: readonly Import[]
  /** It imports everything: the listener of a proxy without a Sidecar. */
  readonly isOpen: boolean
}

/** What the proxies of one Sidecar in one namespace know of the mesh. */
export interface SidecarScope {
  readonly namespace: string
  readonly listeners: readonly EgressListener[]
  /** What nothing in the mesh answers for is refused, instead of going where the client sent it. */
  readonly isRegistryOnly: boolean
}

interface SidecarReading {
  readonly selector: Labels | undefined
  readonly created: string | undefined
  readonly name: string
  readonly namespace: string
  readonly egress: readonly EgressListener[]
  /** Undefined where it leaves that to the mesh. */
  readonly isRegistryOnly: boolean | undefined
}

const everything: Import = { namespace: '*', host: '*' }

const sidecarReadingOf: (sidecar: Sidecar) => SidecarReading = derivedOnce(sidecar => {
  const spec = fieldsOf(sidecar.spec)
  return {
    selector: isFields(spec['workloadSelector']) ? labelsOf(spec['workloadSelector']['labels']) : undefined,
    created: textOf(sidecar.metadata.creationTimestamp),
    name: sidecar.metadata.name,
    namespace: namespaceOf(sidecar),
    isRegistryOnly: isFields(spec['outboundTrafficPolicy'])
      ? isRegistryOnlyMode(textOf(spec['outboundTrafficPolicy']['mode']))
      : undefined,
    egress: itemsOf(spec['egress']).map(listener => {
      const { port, hosts } = fieldsOf(listener)
      const said = textsOf(hosts).flatMap(importIn)
      const imports = said.filter(({ namespace }) => !namespace.startsWith('~'))
      const excludes = said
        .filter(({ namespace }) => namespace.startsWith('~'))
        .map(({ namespace, host }) => ({ namespace: namespace.slice(1) || '*', host }))
      const number = numberOf(fieldsOf(port)['number'])
      const isOpen =
        number === undefined
        && excludes.length === 0
        && imports.some(({ namespace, host }) => namespace === '*' && host === '*')
      return {
        port: number,
        protocol: parseProtocol(textOf(fieldsOf(port)['protocol']) ?? ''),
        imports,
        excludes,
        isOpen,
      }
    }),
  }
})

/**
 * A policy that says no mode is REGISTRY_ONLY, the first of them
 * (istio.networking.v1.OutboundTrafficPolicy.Mode).
 */
const isRegistryOnlyMode = (mode: string | undefined): boolean =>
  mode === undefined || mode === 'REGISTRY_ONLY'

function importIn(said: string): readonly Import[] {
  const [namespace, host, more] = said.split('/')
  return namespace === undefined || host === undefined || more !== undefined ? [] : [{ namespace, host }]
}

/** The Sidecars of a namespace, the oldest first. */
const sidecarsIn = (view: ClusterView, namespace: string): readonly SidecarReading[] =>
  once(view, [sidecarsIn, namespace], () =>
    view.list('Sidecar', namespace).map(sidecarReadingOf).toSorted(byAge),
  )

/** The workloads that the Sidecars of a namespace distinguish. */
export const sidecarSelectors = (view: ClusterView, namespace: string): readonly Labels[] =>
  sidecarsIn(view, namespace).flatMap(({ selector }) => (selector === undefined ? [] : [selector]))

/**
 * What limits a client: the Sidecar that selects it, else its namespace's, else the root namespace's, which
 * there speaks for the client's namespace.
 */
export function scopeOf(view: ClusterView, { namespace, labels }: CallingWorkload): SidecarScope {
  const own = sidecarsIn(view, namespace)
  const sidecar =
    own.find(({ selector }) => selector !== undefined && matches(selector, labels))
    ?? own.find(({ selector }) => selector === undefined)
    ?? sidecarsIn(view, view.mesh.rootNamespace).find(({ selector }) => selector === undefined)
  const { isRegistryOnly: ofMesh = false } = view.mesh
  if (sidecar === undefined)
    return once(view, [scopeOf, namespace], () => ({
      namespace,
      listeners: [openListener()],
      isRegistryOnly: ofMesh,
    }))
  const { egress, isRegistryOnly = ofMesh } = sidecar
  return once(view, [sidecar, namespace], () => ({
    namespace,
    listeners: egress.length === 0 ? [openListener()] : egress.map(listener => placed(listener, namespace)),
    isRegistryOnly,
  }))
}

const openListener = (): EgressListener => ({
  port: undefined,
  protocol: 'UnsupportedProtocol',
  imports: [everything],
  excludes: [],
  isOpen: true,
})

/** The listeners that a Sidecar says. */
export const egressOf = (sidecar: Sidecar): readonly EgressListener[] => sidecarReadingOf(sidecar).egress

/** A listener for the clients of a namespace: `./host` is of the one that the Sidecar speaks for. */
export function placed(listener: EgressListener, namespace: string): EgressListener {
  const place = (said: Import): Import => (said.namespace === '.' ? { ...said, namespace } : said)
  return { ...listener, imports: listener.imports.map(place), excludes: listener.excludes.map(place) }
}

const isOf = (said: Import, namespace: string): boolean =>
  said.namespace === '*' || said.namespace === namespace

/** Whether all hosts of one are hosts of the other (Name.SubsetOf). */
export const isWithin = (host: string, other: string): boolean =>
  other.startsWith('*')
    ? host.length + Number(!host.startsWith('*')) >= other.length && host.endsWith(other.slice(1))
    : host === other

const isExcluded = ({ excludes }: EgressListener, { namespace, host }: Import): boolean =>
  excludes.some(one => isOf(one, namespace) && isWithin(host, one.host))

/**
 * Whether a listener imports a host that a Service or ServiceEntry of a namespace provides: it must lie
 * within the import as a whole.
 */
export const importsProvided = (listener: EgressListener, provided: Import): boolean =>
  listener.isOpen
  || (listener.imports.some(one => isOf(one, provided.namespace) && isWithin(provided.host, one.host))
    && !isExcluded(listener, provided))

/**
 * Whether a listener imports a VirtualService of a namespace for one of its hosts: it need only have a host
 * in common with the import.
 */
export const importsRouted = (listener: EgressListener, routed: Import): boolean =>
  listener.isOpen
  || (listener.imports.some(one => isOf(one, routed.namespace) && hostsMeet(one.host, routed.host))
    && !isExcluded(listener, routed))

/**
 * Whether what a listener imports is all named, each by its namespace and whole host; then Istio looks it up
 * instead of looking through all.
 */
export const isAllNamed = ({ imports }: EgressListener): boolean =>
  imports.every(({ namespace, host }) => namespace !== '*' && !host.startsWith('*'))

/**
 * The listener that has the routes of a port: the first that is for it or for any (GetEgressListenerForRDS).
 */
export const listenerFor = ({ listeners }: SidecarScope, port: number): EgressListener | undefined =>
  listeners.find(listener => listener.port === undefined || listener.port === port)
