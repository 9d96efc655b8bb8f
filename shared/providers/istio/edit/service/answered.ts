import { CanaryError } from '../../../../objects/canary-error.ts'
import { refOf } from '../../../../objects/kinds.ts'
import { keyOf } from '../../../../objects/kube-object.ts'
import { patchCommand } from '../../../../objects/kubectl-commands.ts'
import type { ServiceReading, Turn } from '../../../../routing/provider.ts'
import { hostOf, listOf } from '../../read/routed-service.ts'
import { destinationRulesByHost } from '../../resolve/indexes/routing.ts'
import type { EntryPoint } from '../../../../routing/traffic.ts'

/** The rules that say that no caller of a route knows its subset. */
const unknownSubset: ReadonlySet<string | undefined> = new Set([
  'undefined-subset',
  'subset-without-destination-rule',
])

/**
 * Throws a CanaryError `refused` when a plan would send requests to a subset that no caller of the route
 * knows, because the DestinationRule that defines it
 * is not for them: they would be answered with 503.
 */
export function requireAnswered({ before, after }: Turn): void {
  const failing = after.traffic.entryPoints.filter(entryPoint => faultsOf(entryPoint).length > 0)
  if (failing.length === 0) return
  const known = new Map(before.traffic.entryPoints.map(entryPoint => [keyOf(entryPoint.ref), entryPoint]))
  const isNew = (entryPoint: EntryPoint): boolean =>
    faultsOf(entryPoint).length > faultsOf(known.get(keyOf(entryPoint.ref))).length
  const first = failing.find(isNew)
  if (first === undefined) return
  const [{ version, rule }] = faultsOf(first) as [Faulty]
  const { namespace, name } = first.ref
  throw new CanaryError(
    'refused',
    `requests to version ${version} of ${after.service.name} by VirtualService ${namespace}/${name} would be answered with 503: its callers apply no DestinationRule that defines it (${rule})`,
    { hints: exports(after) },
  )
}

interface Faulty {
  readonly version: string
  readonly rule: string
}

function faultsOf(entryPoint: EntryPoint | undefined): readonly Faulty[] {
  if (entryPoint === undefined || entryPoint.idle !== undefined) return []
  const shares = entryPoint.splits.filter(({ reached }) => reached).flatMap(split => split.shares)
  return [
    ...shares.filter(({ percent }) => percent > 0).map(({ version, fault }) => ({ version, rule: fault })),
    ...entryPoint.cohorts.map(({ to, fault }) => ({ version: to, rule: fault })),
  ].flatMap(({ version, rule }) => (rule !== undefined && unknownSubset.has(rule) ? [{ version, rule }] : []))
}

/** The commands that export the Service's own DestinationRules to its callers. */
const exports = ({ view, service }: ServiceReading): readonly string[] =>
  view
    .find(destinationRulesByHost, hostOf(service))
    .filter(
      ({ spec, metadata }) => metadata.namespace === service.namespace && listOf(spec.exportTo).length > 0,
    )
    .map(
      rule =>
        `Export DestinationRule ${service.namespace}/${rule.metadata.name} to them first: ${patchCommand(refOf(rule), 'merge', { spec: { exportTo: ['*'] } })}`,
    )
