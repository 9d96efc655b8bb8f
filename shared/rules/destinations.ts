import type { Kind } from '../objects/kinds.ts'
import type { Ref } from '../objects/kube-object.ts'
import { serviceOfHost } from '../objects/hosts.ts'
import type { VirtualService } from '../objects/virtual-service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { intendedHost } from '../providers/istio/resolve/indexes/routing.ts'
import { backingKinds } from '../providers/istio/resolve/indexes/workloads.ts'
import { formatClient } from '../providers/istio/resolve/clients.ts'
import {
  evaluate,
  type Evaluation,
  type Outcome,
  type Reference,
} from '../providers/istio/resolve/evaluate.ts'
import { providersAt } from '../providers/istio/resolve/registry.ts'
import { once } from '../view/session.ts'
import type { Path, RestsOn, RuleSettings } from './rule.ts'

/** What the mesh's reading of a VirtualService looks at. */
export const routingReads: readonly Kind[] = [
  'VirtualService',
  'DestinationRule',
  'Service',
  'ServiceEntry',
  'Gateway',
  'Sidecar',
  ...backingKinds,
]

/** Without these a destination that exists would seem not to. */
export const routingNeeds: readonly Kind[] = ['VirtualService', 'DestinationRule', 'Service', 'ServiceEntry']

/** One defect, whatever its stage: the destination leads nowhere. A change that only turns one stage into another has broken nothing. */
export const deadDestination = 'dead-destination'

export type Fault =
  | 'undefined-subset'
  | 'subset-without-destination-rule'
  | 'subset-hidden-from-clients'
  | 'undefined-subset-inactive'
  | 'unknown-host'
  | 'unexpanded-host'
  | 'unknown-port'
  | 'ambiguous-port'

/** Why a destination or mirror leads nowhere for some or all who come that way. */
export interface Diagnosis {
  readonly fault: Fault
  readonly reference: Reference
  /** Those for whom it does. */
  readonly failing: readonly Outcome[]
  readonly isIdle: boolean
  /** What the host was probably meant to be, for `unexpanded-host`. */
  readonly intended: string | undefined
  /** Set where this is a stage of a destination that leads nowhere, whoever comes. */
  readonly family: string | undefined
}

/** What is wrong with each destination of a VirtualService, at most one thing each. */
export function diagnosesOf(
  view: ClusterView,
  subject: VirtualService,
  settings: RuleSettings,
): readonly Diagnosis[] {
  const evaluation = evaluate(view, subject, settings)
  return once(view, diagnosesOf, evaluation, () =>
    evaluation.references.flatMap(reference => diagnose(view, { reference, evaluation, settings }) ?? []),
  )
}

interface Case {
  readonly reference: Reference
  readonly evaluation: Evaluation
  readonly settings: RuleSettings
}

const leadsNowhere = ({ found }: Outcome): boolean => found !== 'cluster' && found !== 'assumed'

function diagnose(view: ClusterView, { reference, evaluation, settings }: Case): Diagnosis | undefined {
  const { idle, outcomes, host } = reference
  const failing = outcomes.filter(leadsNowhere)
  const intended = providersAt(view, host).length === 0 ? serviceMeant(view, host) : undefined
  const fault =
    idle === undefined
      ? activeFault({ reference, failing, intended })
      : idleFault({
          reference,
          failing,
          intended,
          isComplete: settings.complete,
          isWaiting: evaluation.isWaiting,
        })
  if (fault === undefined) return undefined
  const isWhole =
    fault !== 'subset-hidden-from-clients'
    && failing.length === outcomes.length
    && (idle === undefined || evaluation.isWaiting)
  return {
    fault,
    reference,
    failing,
    isIdle: idle !== undefined,
    intended,
    family: isWhole || fault === 'unknown-host' ? deadDestination : undefined,
  }
}

interface Symptoms {
  readonly reference: Reference
  readonly failing: readonly Outcome[]
  readonly intended: string | undefined
}

function activeFault({ reference: { outcomes, target }, failing, intended }: Symptoms): Fault | undefined {
  const has = (found: Outcome['found']): boolean => failing.some(outcome => outcome.found === found)
  const misspelled = intended === undefined ? ('unknown-host' as const) : ('unexpanded-host' as const)
  if (failing.length === 0)
    return outcomes.length > 0 && outcomes.every(({ found }) => found === 'assumed') ? misspelled : undefined
  const isWhole = failing.length === outcomes.length
  if (isWhole && failing.every(({ found }) => found === 'no-host')) return misspelled
  if (isWhole && has('no-subset')) return 'undefined-subset'
  if (isWhole && has('no-rule'))
    return intended !== undefined && failing.every(({ provider }) => provider === undefined)
      ? misspelled
      : 'subset-without-destination-rule'
  if (has('no-subset') || has('no-rule') || has('no-host'))
    return target.subset === undefined ? 'unknown-host' : 'subset-hidden-from-clients'
  return target.port === undefined ? 'ambiguous-port' : 'unknown-port'
}

function idleFault({
  reference: { outcomes, target },
  failing,
  intended,
  isComplete,
  isWaiting,
}: Symptoms & { readonly isComplete: boolean; readonly isWaiting: boolean }): Fault | undefined {
  if (outcomes.length === 0 || failing.length < outcomes.length) return undefined
  if (failing.every(({ found }) => found === 'no-host'))
    return intended !== undefined ? 'unexpanded-host' : isWaiting ? 'unknown-host' : undefined
  const isUndefined = failing.some(
    ({ found }) => found === 'no-subset' || (found === 'no-rule' && isComplete),
  )
  return target.subset !== undefined && isUndefined ? 'undefined-subset-inactive' : undefined
}

/** The Service that a host was meant to name, where there is one and nothing provides the host as it is. */
export function serviceMeant(view: ClusterView, host: string): string | undefined {
  const intended = intendedHost(host, view.mesh.clusterDomain)
  if (intended === host) return undefined
  return providersAt(view, intended).some(({ ref }) => ref.kind === 'Service') ? intended : undefined
}

/** What a finding about a destination is about: the same however the host is spelled and wherever the route stands. */
export const aboutReference = ({ host, target }: Reference): string =>
  `${host} ${target.subset ?? ''} ${target.port ?? ''}`

/** Where it stands; what a delegate says is shown where it is delegated from. */
export const pathOf = ({ target, route }: Reference, field: 'host' | 'subset' | 'port'): Path =>
  route.delegate !== undefined || (field === 'port' && target.port === undefined)
    ? target.place
    : [...target.place, field]

/** The VirtualService in which the route of a delegate is written, by name. */
export const ownerOf = ({ route: { delegate } }: Reference): string =>
  `VirtualService ${delegate?.namespace}/${delegate?.name}`

/** As people say it: `reviews.shop.svc.cluster.local subset v2`. */
export function nameOf({ host, target, route }: Reference): string {
  const subset = target.subset === undefined ? '' : ` subset ${target.subset}`
  const delegate =
    route.delegate === undefined ? '' : ` (of delegate ${route.delegate.namespace}/${route.delegate.name})`
  return `${host}${subset}${delegate}`
}

/** The clients concerned, the first few by name. */
export function formatClients(outcomes: readonly Outcome[]): string {
  const names = [...new Set(outcomes.map(({ client }) => formatClient(client)))]
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}

/** What must be read again before anybody is refused for a destination: the Service, and the DestinationRules of all who have a say. */
export function groundsOf(
  view: ClusterView,
  { host, outcomes }: Pick<Reference, 'host' | 'outcomes'>,
): readonly RestsOn[] {
  const service = serviceOfHost(host, view.mesh.clusterDomain)
  const namespaces = new Set([
    service?.namespace,
    ...outcomes.map(({ provider }) => provider?.namespace),
    ...outcomes.map(({ client }) => client.namespace),
    view.mesh.rootNamespace,
  ])
  return [
    ...(service === undefined ? [] : [{ kind: 'Service', ...service } satisfies Ref]),
    ...[...namespaces]
      .filter(namespace => namespace !== undefined && !namespace.startsWith('~'))
      .map(namespace => ({ kind: 'DestinationRule' as const, namespace: namespace! })),
  ]
}
