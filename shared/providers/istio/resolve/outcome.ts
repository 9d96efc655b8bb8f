import type { Completeness } from '../../../routing/service.ts'
import { serviceOfHost } from '../../../objects/hosts.ts'
import type { Labels } from '../../../objects/kube-object.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import type { Client } from './clients.ts'
import { ruleFor, type MergedRule } from './destination-rules.ts'
import { selectedBy, type Selected } from './endpoints.ts'
import type { Application } from './mesh.ts'
import { portOn, providerIn, providersOn } from './mesh/scope.ts'
import { scopeOf } from './mesh/sidecars.ts'
import type { HostProvider } from './objects/providers.ts'
import type { RouteTarget } from './objects/routes.ts'
import { providerForGateway, providersAt, serviceMeant } from './registry.ts'

export type { Completeness } from '../../../routing/service.ts'

/** What a proxy finds where a route leads: its cluster, or why there is none. */
export interface DestinationOutcome {
  /** `assumed`: nothing in view says otherwise, and the input is not the whole world. */
  readonly found: 'cluster' | 'assumed' | 'no-host' | 'no-rule' | 'no-subset' | 'no-port'
  readonly client: Client
  /** What is called: the host, or what an ExternalName of that host stands for. */
  readonly host: string
  readonly port: number | undefined
  readonly provider: HostProvider | undefined
  readonly rule: MergedRule | undefined
  /** Asked for when it matters; undefined where the input does not tell, and without a cluster. */
  readonly endpoints: () => Selected | undefined
}

/** A proxy's listener that has the route, or would have it. */
export type Asker = Pick<Application, 'client' | 'gateway' | 'section' | 'port' | 'within'>

/** One destination, its host expanded, and the listener from which it is called. */
export interface DestinationQuestion extends Completeness {
  readonly target: RouteTarget
  readonly host: string
  readonly asker: Asker
}

/** What one listener of one proxy finds at a destination. */
export function outcomeOf(view: ClusterView, question: DestinationQuestion): DestinationOutcome {
  const { target, complete } = question
  const { client } = question.asker
  const called = calledBy(view, question)
  const { provider } = called
  const base = { client, ...called, endpoints: () => undefined }
  const isAssumed = provider === undefined && !complete && mayBeElsewhere(view, called.host)
  if (provider?.form === 'alias' || (provider === undefined && !isAssumed))
    return { ...base, rule: undefined, found: 'no-host' }
  const { rule, labels } = subsetOf(view, { target, called, client })
  if (labels === undefined) return { ...base, rule, found: rule === undefined ? 'no-rule' : 'no-subset' }
  if (provider === undefined) return { ...base, rule, found: 'assumed' }
  if (!offers(provider, called.port)) return { ...base, rule, found: 'no-port' }
  const endpoints = (): Selected | undefined =>
    isOpen(provider, client) ? undefined : endpointsOf(view, provider, { labels, complete })
  return { ...base, rule, found: 'cluster', endpoints }
}

/** Whether what was not read may provide a host: nothing that was read does, and its spelling is not a slip. */
const mayBeElsewhere = (view: ClusterView, host: string): boolean =>
  providersAt(view, host).length === 0 && serviceMeant(view, host) === undefined

/** Sidecars let any address of a headless Service through; gateways know those that there are. */
export const isOpen = ({ form }: HostProvider, { isGateway }: Client): boolean =>
  form === 'passthrough' || (form === 'headless' && !isGateway)

type Called = Pick<DestinationOutcome, 'host' | 'port' | 'provider'>

/** The host and the port that a proxy calls for a destination, and what provides the host to it. */
function calledBy(view: ClusterView, { target, host, asker }: DestinationQuestion): Called {
  const { client, section } = asker
  const named = namedBy(view, host, asker)
  // In the mesh an http route only knows the listener's own port; elsewhere a Service with one port lends it.
  const lends = (client.isGateway || section !== 'http' || asker.port === 0) && named?.ports.length === 1
  const port = target.port ?? (lends ? named.ports[0]!.port : asker.port)
  if (named?.form !== 'alias') return { host, port, provider: named }
  const actual = named.target!
  return { host: actual, port, provider: knownTo(view, actual, client) }
}

/**
 * What a route takes a host to be: in the mesh an http route knows an ExternalName only by the port of its
 * listener.
 */
function namedBy(
  view: ClusterView,
  host: string,
  { client, section, port, within }: Asker,
): HostProvider | undefined {
  const known = knownTo(view, host, client)
  if (section !== 'http' || within === undefined || port === undefined) return known
  const asking = { scope: scopeOf(view, client), listener: within }
  const beside =
    port === 0 ? providersOn(view, asking, host).at(-1) : portOn(view, asking, { host, port })?.provider
  if (beside?.form === 'alias') return beside
  return known?.form === 'alias' ? undefined : known
}

/** What a host is to a proxy. */
const knownTo = (view: ClusterView, host: string, client: Client): HostProvider | undefined =>
  client.isGateway
    ? providerForGateway(view, host, client.namespace)
    : providerIn(view, scopeOf(view, client), host)

interface SubsetQuestion {
  readonly target: RouteTarget
  readonly called: Called
  readonly client: Client
}

/**
 * The labels of a destination's subset, none where it names no subset, undefined where no rule of the client
 * defines it.
 */
function subsetOf(
  view: ClusterView,
  { target, called: { host, provider }, client }: SubsetQuestion,
): { readonly rule: MergedRule | undefined; readonly labels: Labels | undefined } {
  if (target.subset === undefined) return { rule: undefined, labels: {} }
  const namespace =
    provider?.namespace ?? serviceOfHost(host, view.mesh.clusterDomain)?.namespace ?? target.namespace
  const rule = ruleFor(view, { host, namespace }, client)
  return { rule, labels: rule?.subsets.get(target.subset) }
}

const offers = ({ ports }: HostProvider, port: number | undefined): boolean =>
  port === undefined || ports.some(offered => offered.port === port && offered.protocol !== 'UDP')

const endpointsOf = (
  view: ClusterView,
  provider: HostProvider,
  asked: Parameters<typeof selectedBy>[2],
): Selected | undefined => once(view, [provider, asked.labels], () => selectedBy(view, provider, asked))
