import { refOf } from '../../objects/kinds.ts'
import { keyOf } from '../../objects/kube-object.ts'
import { derivedOnce } from '../../objects/unchecked.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { diagnosesOf, leadsNowhere, type Diagnosis } from '../../providers/istio/read/routes/diagnoses.ts'
import { formatClient, type Client } from '../../providers/istio/resolve/clients.ts'
import { useBy, type ClientReference } from '../../providers/istio/resolve/mesh/client-use.ts'
import { evaluate, type DestinationOutcome, type Reference } from '../../providers/istio/resolve/evaluate.ts'
import { hostsMeet } from '../../providers/istio/resolve/indexes/routing.ts'
import { hostsOf } from '../../providers/istio/resolve/mesh.ts'
import { providerIn } from '../../providers/istio/resolve/mesh/scope.ts'
import { scopeOf } from '../../providers/istio/resolve/mesh/sidecars.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import { aboutReference } from '../destinations.ts'
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
 * client: more of what leads them to the host is
 * broken than before, when some of it worked, or Istio's own route to the Service. A mirror takes nothing
 * from anybody: only the copy is lost.
 */
export function lostOutcomes(
  comparison: Comparison,
  { reference, failing }: Diagnosis,
): readonly DestinationOutcome[] {
  if (reference.target.isMirror) return []
  const about = aboutReference(reference)
  const [was, is] = [
    failuresIn(comparison.sides.before, comparison.before, comparison.settings).get(about),
    failuresIn(comparison.sides.after, comparison.after, comparison.settings).get(about),
  ]
  const worse = failing.filter(({ client }) => {
    const name = nameOf(client)
    return (is?.get(name) ?? 0) > (was?.get(name) ?? 0)
  })
  const unnamed = unnamedClients(comparison).flatMap(client => foundBy(comparison, client, about))
  return distinct([...worse, ...unnamed]).filter(({ client }) => isLost(comparison, client, reference.host))
}

const nameOf = derivedOnce(
  (client: Client): string => `${client.isGateway ? 'gateway ' : ''}${formatClient(client)}`,
)

const distinct = (outcomes: readonly DestinationOutcome[]): readonly DestinationOutcome[] => [
  ...new Map(outcomes.map(outcome => [nameOf(outcome.client), outcome])).values(),
]

type Failures = ReadonlyMap<string, ReadonlyMap<string, number>>
const none: Failures = new Map()

/**
 * In how many places a destination that gets requests fails for a client, by what the destination is and by
 * the client: what is only mirrored to, or gets none, is nobody's to lose.
 */
function failuresIn(view: ClusterView, object: VirtualService | undefined, settings: RuleSettings): Failures {
  if (object === undefined) return none
  const diagnoses = diagnosesOf(view, object, settings)
  return once(view, [failuresIn, diagnoses], () => {
    const failures = new Map<string, Map<string, number>>()
    for (const { reference, failing, isIdle } of diagnoses) {
      if (isIdle || reference.target.isMirror) continue
      const about = aboutReference(reference)
      const counts = failures.get(about) ?? new Map<string, number>()
      failures.set(about, counts)
      for (const { client } of distinct(failing))
        counts.set(nameOf(client), (counts.get(nameOf(client)) ?? 0) + 1)
    }
    return failures
  })
}

/**
 * The clients of before that no object speaks of after the change, so that they are among those of any other
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

/** Whether a change takes from a client what led it to a host. */
function isLost(comparison: Comparison, client: Client, host: string): boolean {
  const { sides, after, settings } = comparison
  return once(sides.after, [isLost, `${keyOf(refOf(after))} ${nameOf(client)} ${host}`], () => {
    const use = useBy(sides.after, after, { client, complete: settings.complete })
    const now = counted(use.references.filter(reference => reference.host === host))
    const was = countedBefore(comparison, client, host)
    return was.working > 0 && now.broken > was.broken
  })
}

interface Counted {
  readonly working: number
  readonly broken: number
}

/** How many of the destinations work on all the ports that they are asked for on; mirrors do not count. */
function counted(references: readonly ClientReference[]): Counted {
  const byTarget = Map.groupBy(
    references.filter(({ target }) => !target.isMirror),
    ({ target }) => target,
  )
  const broken = [...byTarget.values()].filter(found => found.some(({ outcome }) => leadsNowhere(outcome)))
  return { working: byTarget.size - broken.length, broken: broken.length }
}

const nothing: Counted = { working: 0, broken: 0 }
const answered: Counted = { working: 1, broken: 0 }

/**
 * What led a client to a host before the change: the VirtualService itself, else the one that had its hosts,
 * else Istio's own route.
 */
function countedBefore(comparison: Comparison, client: Client, host: string): Counted {
  const { sides, before, after, settings } = comparison
  const asking = { client, complete: settings.complete }
  const own = before === undefined ? undefined : useBy(sides.before, before, asking)
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
    const said = called.startsWith('*') && hostsMeet(called, host) ? host : called
    return providerIn(sides.before, scope, said) !== undefined
  })
  return isServed ? answered : nothing
}

/** Where routes led elsewhere, or answered by themselves, that is what a client loses. */
function towards(references: readonly ClientReference[], host: string): Counted {
  const there = references.filter(reference => reference.host === host)
  return references.length === 0 ? answered : counted(there.length > 0 ? there : references)
}
