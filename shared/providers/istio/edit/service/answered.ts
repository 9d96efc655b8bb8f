import { CanaryError } from '../../../../objects/canary-error.ts'
import { refOf } from '../../../../objects/kinds.ts'
import type { DestinationRule } from '../../../../objects/destination-rule.ts'
import { keyOf, type Ref } from '../../../../objects/kube-object.ts'
import { patchCommand, settingOf } from '../../../../objects/text/kubectl-commands.ts'
import { fieldsOf } from '../../../../objects/unchecked.ts'
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
 * Throws a CanaryError `refused` when a plan would send requests that were answered to a subset that no caller
 * of the route knows, because the DestinationRule that defines it is not for them: they would be answered
 * with 503.
 */
export function requireAnswered({ before, after }: Turn): void {
  const failing = after.traffic.entryPoints.filter(entryPoint => faultsOf(entryPoint).length > 0)
  if (failing.length === 0) return
  const known = new Map(before.traffic.entryPoints.map(entryPoint => [keyOf(entryPoint.ref), entryPoint]))
  const [first] = failing.flatMap(entryPoint =>
    newFaults(entryPoint, known.get(keyOf(entryPoint.ref))).map(faulty => ({
      ...faulty,
      ref: entryPoint.ref,
    })),
  )
  if (first === undefined) return
  const { namespace, name } = first.ref
  throw new CanaryError(
    'refused',
    `requests to version ${first.version} of ${after.service.name} by VirtualService ${namespace}/${name} would be answered with 503: its callers apply no DestinationRule that defines it (${first.rule})`,
    { hints: [...exports(after), ...definitions(after, first.version), ...leavingOut(after, first.ref)] },
  )
}

interface Faulty {
  /** The split, by its place among those of the entry point, or the cohort, by its name. */
  readonly of: number | string
  readonly version: string
  readonly rule: string
}

function faultsOf({ idle, splits, cohorts }: EntryPoint): readonly Faulty[] {
  if (idle !== undefined) return []
  const all = [
    ...splits.flatMap(({ reached, shares }, of) =>
      reached
        ? shares
            .filter(({ percent }) => percent > 0)
            .map(({ version, fault }) => ({ of, version, rule: fault }))
        : [],
    ),
    ...cohorts.map(({ name, to, fault }) => ({ of: name, version: to, rule: fault })),
  ]
  return all.flatMap(({ of, version, rule }) =>
    rule !== undefined && unknownSubset.has(rule) ? [{ of, version, rule }] : [],
  )
}

/** What fails that did not fail before, of routes whose requests were answered. */
function newFaults(after: EntryPoint, before: EntryPoint | undefined): readonly Faulty[] {
  if (before === undefined) return faultsOf(after)
  const old = new Set(faultsOf(before).map(({ of, version }) => `${of} ${version}`))
  const isAnswered = ({ of }: Faulty): boolean => {
    const shares = typeof of === 'number' ? before.splits[of]?.shares : undefined
    return shares === undefined || shares.some(({ percent, fault }) => percent > 0 && fault === undefined)
  }
  return faultsOf(after).filter(faulty => !old.has(`${faulty.of} ${faulty.version}`) && isAnswered(faulty))
}

/** How to define the version where the callers have a DestinationRule of their own, which alone counts for them. */
const definitions = (
  { view, service, versions, complete }: ServiceReading,
  version: string,
): readonly string[] => {
  const subset = versions.find(({ name }) => name === version)?.subset
  if (subset === undefined) return []
  return view
    .find(destinationRulesByHost, hostOf(service))
    .filter(
      ({ spec, metadata }) =>
        metadata.namespace !== service.namespace
        && !listOf(spec.subsets).some(each => fieldsOf(each)['name'] === subset.name),
    )
    .map(rule => adding(refOf(rule), { name: subset.name, labels: subset.labels }, { rule, complete }))
}

function adding(
  ref: Ref,
  subset: object,
  { rule, complete }: { readonly rule: DestinationRule; readonly complete: boolean },
): string {
  if (!complete) return `Add ${JSON.stringify(subset)} to spec.subsets of ${keyOf(ref)} first.`
  const patch =
    listOf(rule.spec.subsets).length === 0
      ? patchCommand(ref, 'merge', { spec: { subsets: [subset] } })
      : patchCommand(ref, 'json', [{ op: 'add', path: '/spec/subsets/-', value: subset }])
  return `Define it in ${keyOf(ref)} first: ${patch}`
}

/** The flags that change the routes of the other VirtualServices alone. */
function leavingOut({ traffic }: ServiceReading, failing: Ref): readonly string[] {
  const others = traffic.entryPoints.filter(
    ({ ref }) => ref.kind === 'VirtualService' && keyOf(ref) !== keyOf(failing),
  )
  if (others.length === 0) return []
  const flags = others.map(({ ref }) => `--virtual-service ${ref.namespace}/${ref.name}`)
  return [`Or leave these callers as they are: repeat the command with ${flags.join(' ')}`]
}

/** How to export the Service's own DestinationRules to its callers: a command, in files an edit. */
const exports = ({ view, service, complete }: ServiceReading): readonly string[] =>
  view
    .find(destinationRulesByHost, hostOf(service))
    .filter(
      ({ spec, metadata }) => metadata.namespace === service.namespace && listOf(spec.exportTo).length > 0,
    )
    .map(
      rule =>
        `Export DestinationRule ${service.namespace}/${rule.metadata.name} to them first: ${settingOf(refOf(rule), { exportTo: ['*'] }, { complete })}`,
    )
