import { refOf } from '../../objects/kinds.ts'
import { keyOf } from '../../objects/kube-object.ts'
import { derivedOnce } from '../../objects/unchecked.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { diagnosesOf, leadsNowhere, type Diagnosis } from '../../providers/istio/read/routes/diagnoses.ts'
import { formatClient, type Client } from '../../providers/istio/resolve/clients.ts'
import { useBy, type ClientReference, type ClientUse } from '../../providers/istio/resolve/mesh/client-use.ts'
import { evaluate, type DestinationOutcome, type Reference } from '../../providers/istio/resolve/evaluate.ts'
import type { Route } from '../../providers/istio/resolve/objects/routes.ts'
import { hostsMeet } from '../../providers/istio/resolve/indexes/routing.ts'
import { hostsOf } from '../../providers/istio/resolve/mesh.ts'
import { providerIn } from '../../providers/istio/resolve/mesh/scope.ts'
import { scopeOf } from '../../providers/istio/resolve/mesh/sidecars.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import { aboutReference } from './destinations.ts'
import type { RuleSettings, Sides } from '../rule.ts'

/** A VirtualService on both sides of a change, and how it is judged. */
export interface Comparison {
  readonly sides: Sides
  readonly settings: RuleSettings
  readonly before: VirtualService | undefined
  readonly after: VirtualService
}

/**
 * What clients find at a destination after a change that takes a working one from them, an outcome for each
 * client: it is broken for them where it was not, and what led their requests to the host worked, be it
 * another destination of the route or Istio's own route to the Service. A mirror takes nothing from anybody:
 * only the copy is lost.
 */
export function lostOutcomes(
  comparison: Comparison,
  { reference, failing }: Diagnosis,
): readonly DestinationOutcome[] {
  if (reference.target.isMirror) return []
  const [about, route] = [aboutReference(reference), askedBy(reference.route)]
  const [was, is] = [
    failuresIn(comparison.sides.before, comparison.before, comparison.settings).get(`${route} ${about}`),
    failuresIn(comparison.sides.after, comparison.after, comparison.settings).get(`${route} ${about}`),
  ]
  const worse = failing.filter(({ client }) => {
    const name = nameOf(client)
    return (is?.get(name) ?? 0) > (was?.get(name) ?? 0)
  })
  const unnamed = unnamedClients(comparison).flatMap(client => foundBy(comparison, client, about))
  return distinct([...worse, ...unnamed]).filter(({ client }) =>
    isLost(comparison, client, { host: reference.host, route }),
  )
}

/** What a route asks for, by which it is found again after a change. */
const askedBy = derivedOnce(({ section, conditions }: Route): string =>
  JSON.stringify([
    section,
    conditions.map(({ block, gateways, port, sourceNamespace, sourceLabels }) => [
      block,
      gateways,
      port,
      sourceNamespace,
      sourceLabels,
    ]),
  ]),
)

const nameOf = derivedOnce(
  (client: Client): string => `${client.isGateway ? 'gateway ' : ''}${formatClient(client)}`,
)

const distinct = (outcomes: readonly DestinationOutcome[]): readonly DestinationOutcome[] => [
  ...new Map(outcomes.map(outcome => [nameOf(outcome.client), outcome])).values(),
]

type Failures = ReadonlyMap<string, ReadonlyMap<string, number>>
const none: Failures = new Map()

/**
 * In how many places a destination that gets requests fails for a client, by its route, by what it is and by
 * the client: what is only mirrored to, or gets none, cannot be lost.
 */
function failuresIn(view: ClusterView, object: VirtualService | undefined, settings: RuleSettings): Failures {
  if (object === undefined) return none
  const diagnoses = diagnosesOf(view, object, settings)
  return once(view, [failuresIn, diagnoses], () => {
    const failures = new Map<string, Map<string, number>>()
    for (const { reference, failing, isIdle } of diagnoses) {
      if (isIdle || reference.target.isMirror) continue
      const key = `${askedBy(reference.route)} ${aboutReference(reference)}`
      const counts = failures.get(key) ?? new Map<string, number>()
      failures.set(key, counts)
      for (const { client } of distinct(failing))
        counts.set(nameOf(client), (counts.get(nameOf(client)) ?? 0) + 1)
    }
    return failures
  })
}

/**
 * The clients of before that no object names after the change, so that they are among those of any other
 * namespace.
 */
function unnamedClients({ sides, before, after, settings }: Comparison): readonly Client[] {
  if (before === undefined) return []
  const evaluation = evaluate(sides.after, after, settings)
  return once(sides.after, [unnamedClients, evaluation], () => {
    const clientsOf = (references: readonly Reference[]): ReadonlyMap<string, Client> =>
      new Map(
        references.flatMap(({ outcomes }) => outcomes.map(({ client }) => [nameOf(client), client] as const)),
      )
    const known = clientsOf(evaluation.references)
    const served = evaluate(sides.before, before, settings).references.filter(
      ({ idle }) => idle === undefined,
    )
    return [...clientsOf(served)].filter(([name]) => !known.has(name)).map(([, client]) => client)
  })
}

/** Where a destination fails for a client after the change. */
const foundBy = (comparison: Comparison, client: Client, about: string): readonly DestinationOutcome[] =>
  useBy(comparison.sides.after, comparison.after, { client, complete: comparison.settings.complete })
    .references.filter(reference => aboutReference(reference) === about && leadsNowhere(reference.outcome))
    .slice(0, 1)
    .map(({ outcome }) => outcome)

interface Led {
  /** Expanded. */
  readonly host: string
  /** What the route asks for. */
  readonly route: string
}

/** Whether a change takes from a client what led it to a host by a route, or where that is new, by any. */
function isLost(comparison: Comparison, client: Client, { host, route }: Led): boolean {
  const { sides, before, after, settings } = comparison
  const key = `${keyOf(refOf(after))} ${nameOf(client)} ${host} ${route}`
  return once(sides.after, [isLost, key], () => {
    const asking = { client, complete: settings.complete }
    const there = useBy(sides.after, after, asking).references.filter(each => each.host === host)
    const own = before === undefined ? undefined : useBy(sides.before, before, asking)
    const same = own?.references.filter(each => askedBy(each.route) === route) ?? []
    if (same.length === 0) {
      const was = countedBefore(comparison, client, { host, own })
      return was.working > 0 && counted(there).broken > was.broken
    }
    const [was, now] = [counted(same), counted(there.filter(each => askedBy(each.route) === route))]
    const known = new Set(was.brokenOnes)
    return was.working > 0 && now.brokenOnes.some(about => !known.has(about))
  })
}

interface Counted {
  readonly working: number
  readonly broken: number
  /** What they are about. */
  readonly brokenOnes: readonly string[]
}

/** How many of the destinations work on all the ports that they are asked for on; mirrors do not count. */
function counted(references: readonly ClientReference[]): Counted {
  const byTarget = Map.groupBy(
    references.filter(({ target }) => !target.isMirror),
    ({ target }) => target,
  )
  const broken = [...byTarget.values()].filter(found => found.some(({ outcome }) => leadsNowhere(outcome)))
  return {
    working: byTarget.size - broken.length,
    broken: broken.length,
    brokenOnes: broken.map(([first]) => aboutReference(first!)),
  }
}

const nothing: Counted = { working: 0, broken: 0, brokenOnes: [] }
const answered: Counted = { ...nothing, working: 1 }

/**
 * What led a client to a host before the change: the VirtualService itself, else the one that had its hosts,
 * else Istio's own route.
 */
function countedBefore(
  { sides, after, settings }: Comparison,
  client: Client,
  { host, own }: { readonly host: string; readonly own: ClientUse | undefined },
): Counted {
  const asking = { client, complete: settings.complete }
  if (own?.isInForce === true) return towards(own.references, host)
  // A gateway has no route but those that it is given.
  if (client.isGateway) return nothing
  const owners = new Set(useBy(sides.before, after, asking).lost.map(({ owner }) => owner))
  if (owners.size > 0)
    return towards(
      [...owners].flatMap(owner => useBy(sides.before, owner, asking).references),
      host,
    )
  const scope = scopeOf(sides.before, client)
  const isServed = hostsOf(sides.before, after).some(called => {
    const said = hostsMeet(called, host) ? host : called
    return providerIn(sides.before, scope, said) !== undefined
  })
  return isServed ? answered : nothing
}

/** Where routes led elsewhere, or answered by themselves, that is what a client loses. */
function towards(references: readonly ClientReference[], host: string): Counted {
  const there = references.filter(reference => reference.host === host)
  return references.length === 0 ? answered : counted(there.length > 0 ? there : references)
}
