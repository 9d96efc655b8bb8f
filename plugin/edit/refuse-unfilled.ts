import { CanaryError } from '../../shared/objects/canary-error.ts'
import { serviceHost } from '../../shared/objects/hosts.ts'
import { keyOf } from '../../shared/objects/kube-object.ts'
import { formatPath } from '../../shared/objects/paths.ts'
import { trafficsOf, type Plan } from '../../shared/plan/plan.ts'
import type { Traffic } from '../../shared/routing/traffic.ts'
import { decidingField, newOpenSubset, type HostEdit } from '../../shared/rules/placeholders/deciding.ts'
import { patternsOf } from '../../shared/rules/placeholders/patterns.ts'
import { changedRef } from '../../shared/view/change.ts'
import { formatPosition } from '../../shared/view/sources.ts'
import type { Reading } from '../../shared/view/store.ts'
import type { Intent } from './intent.ts'

const hint = 'Fill the placeholders in first, or edit the files that they are filled in from.'
const refusal = (message: string): CanaryError => new CanaryError('refused', message, { hints: [hint] })

/**
 * Throws `refused` where a placeholder decides what an edit does: in a route that may lead to the service, in
 * subsets that may be its own, or in what would be written as a subset. Hosts, gateways and timeouts that are
 * still to be filled in stay as they are.
 */
export function refuseUnfilled(reading: Reading, plan: Plan, { kind }: Intent): void {
  const { sources, view } = reading
  if (sources === undefined || sources.unfilled.length === 0) return
  const patterns = patternsOf(sources.unfilled)
  for (const { before } of trafficsOf(plan)) {
    const { clusterDomain } = view.mesh
    for (const host of hostsOf(before, clusterDomain))
      refuseDeciding(reading, { host, clusterDomain, patterns, withMatches: kind === 'set-cohort' })
  }
  for (const change of plan.changes) {
    const text = newOpenSubset(change, patterns)
    if (text === undefined) continue
    throw refusal(`${keyOf(changedRef(change))} would get a subset with the placeholder ${text}`)
  }
}

/** A service outside the cluster is named by its host; versions may be Services of their own. */
function hostsOf({ service, namespace, versions }: Traffic, clusterDomain: string): readonly string[] {
  const services = versions.flatMap(({ host }) => (host === undefined ? [] : [host.split('.')]))
  return [
    service.includes('.') ? service : serviceHost(service, namespace, clusterDomain),
    ...services.map(([name = '', of = namespace]) => serviceHost(name, of, clusterDomain)),
  ]
}

function refuseDeciding({ sources, view }: Reading, edit: HostEdit): void {
  for (const { ref, placeholders } of sources?.unfilled ?? []) {
    const object = view.get(ref)
    const field = object === undefined ? undefined : decidingField(object, placeholders, edit)
    if (field === undefined) continue
    const position = sources?.positionOf(ref, field.path)
    const place = position === undefined ? '' : ` (${formatPosition(position)})`
    throw refusal(
      `${keyOf(ref)} has the placeholder ${field.texts[0]} in ${formatPath(field.path)}${place}: it decides what the edit does`,
    )
  }
}

/** The same error; where objects with placeholders may be what was meant, with their names. */
export function withUnfilledHint(error: unknown, { sources }: Reading): unknown {
  const kinds = new Set(['VirtualService', 'DestinationRule', 'Service', 'Deployment'])
  const found = sources?.unfilled.filter(({ ref }) => kinds.has(ref.kind)) ?? []
  if (!(error instanceof CanaryError) || error.code !== 'not-found' || found.length === 0) return error
  const names = found
    .slice(0, 3)
    .map(({ ref, placeholders }) => `${keyOf(ref)} (${placeholders[0]!.texts[0]})`)
  const more = found.length > 3 ? ` and ${found.length - 3} more` : ''
  return new CanaryError(error.code, error.message, {
    hints: [...error.hints, `If this is about ${names.join(', ')}${more}: fill in the placeholders first.`],
    cause: error,
  })
}
