import { CanaryError } from '../../../../objects/canary-error.ts'
import type { DestinationRule, Subset } from '../../../../objects/destination-rule.ts'
import { refOf } from '../../../../objects/kinds.ts'
import type { Note } from '../../../../routing/note.ts'
import { addSubset, subsetNameFor } from '../subsets.ts'
import type { IstioReading } from '../../read/reading.ts'
import { ownedObject } from '../../read/owners.ts'
import { destinationsTo, hostOf, leadsTo, listOf } from '../../read/routed-service.ts'
import type { AnyRoute } from '../../read/routes/base-routes.ts'
import type { VersionTarget } from '../../read/version-target.ts'
import { subsetsOf, targetOf, type CallerRule, type IstioVersion } from '../../read/versions.ts'
import type { MergedRule } from '../../resolve/destination-rules.ts'
import { destinationRulesByHost } from '../../resolve/indexes/routing.ts'
import { refuseOwned } from '../../../../routing/provider.ts'
import type { Change } from '../../../../view/change.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'

export interface Subsets {
  /** What stands for a version, also for one whose subset is still to be made; undefined for one without. */
  targetOf(version: IstioVersion): VersionTarget | undefined
  /** What stands for one of the versions that were to have a subset or are Services of their own. */
  targetFor(version: IstioVersion): VersionTarget
  /** What makes the missing ones: DestinationRules, created or extended. */
  readonly changes: readonly Change[]
  /** What is copied from a rule for many hosts. */
  readonly notes: readonly Note[]
}

/**
 * Makes sure that every version has a subset in the DestinationRule that each caller applies, as far as that
 * is the Service's own to extend: a rule of
 * another namespace, or for many hosts, is never extended. Throws a CanaryError `refused` where the
 * DestinationRule to extend belongs to a controller.
 */
export function ensureSubsets(reading: IstioReading, versions: readonly IstioVersion[]): Subsets {
  const { view, service, complete } = reading
  const beside = subsetsOf(view, service, { complete })
  const wanted = new Map(
    [...new Set(versions)].filter(needsSubset).map(version => [
      version,
      version.subset ?? {
        name: subsetNameFor(version.name, beside),
        labels: version.labels ?? { version: version.name },
      },
    ]),
  )
  const target = (version: IstioVersion): VersionTarget | undefined => {
    const subset = wanted.get(version)
    return subset === undefined ? targetOf(version) : { subset: subset.name }
  }
  const missing = [...wanted].filter(([version]) => version.unseenBy.length > 0)
  return {
    targetOf: target,
    targetFor: version => target(version)!,
    ...(missing.length === 0
      ? { changes: [], notes: [] }
      : edited(
          reading,
          missing.map(([, subset]) => subset),
        )),
  }
}

/** A version that is a Service of its own is named by its host. */
const needsSubset = ({ service }: IstioVersion): boolean => service === undefined

function edited(reading: IstioReading, subsets: readonly Subset[]): Pick<Subsets, 'changes' | 'notes'> {
  const { view, callers } = reading
  const lacking = callers.filter(({ rule }) => subsets.some(({ name }) => rule?.subsets.has(name) !== true))
  const own = distinctRules(lacking).filter(rule => isOwn(reading, rule))
  const extended = own.map(({ from: [before] }): Change => {
    const owned = ownedObject(view, before!, reading.service)
    if (owned !== undefined) refuseOwned(owned)
    return { before: before!, after: subsets.reduce(addSubset, before!) }
  })
  const inherited = lacking.find(({ rule }) => rule === undefined || isForMany(reading, rule))
  // With a rule of its own that some callers do not see, a second one would take its settings from the
  // others.
  const mayMake = inherited !== undefined && exactRules(view, reading).length === 0
  if (!mayMake) return { changes: extended, notes: [] }
  const made = newRule(reading, inherited.rule, subsets)
  return {
    changes: [...extended, { after: made }],
    notes:
      inherited.rule === undefined
        ? elsewhereNotes(reading, made)
        : [copiedNote(reading, made, inherited.rule)],
  }
}

/** Of files: that the first rule of a service is made beside routes that name subsets, which another file may define. */
function elsewhereNotes(
  { service, carriers, complete }: IstioReading,
  made: DestinationRule,
): readonly Note[] {
  if (complete) return []
  for (const { object } of carriers) {
    const { http, tcp, tls } = object.spec
    const leads = leadsTo(object, service)
    const named = [http, tcp, tls]
      .flatMap((routes): readonly AnyRoute[] => listOf(routes))
      .flatMap(route => destinationsTo(route, leads))
      .flatMap(({ destination }) => destination?.subset ?? [])
    if (named.length > 0)
      return [
        {
          kind: 'rule-elsewhere',
          object: refOf(made),
          service: service.name,
          route: refOf(object),
          subsets: [...new Set(named)],
        },
      ]
  }
  return []
}

/** What the new rule has of the one that applied so far. */
function copiedNote({ service }: IstioReading, made: DestinationRule, { from }: MergedRule): Note {
  const copied = ['trafficPolicy', 'subsets'].filter(field =>
    from.some(({ spec }) => Reflect.get(spec, field) !== undefined),
  )
  return {
    kind: 'copied-settings',
    service: service.name,
    object: refOf(made),
    from: refOf(from[0]!),
    fields: copied,
  }
}

const distinctRules = (callers: readonly CallerRule[]): readonly MergedRule[] => [
  ...new Map(
    callers.flatMap(({ rule }) => (rule === undefined ? [] : [[rule.from[0]!, rule] as const])),
  ).values(),
]

const exactRules = (view: ClusterView, { service }: IstioReading): readonly DestinationRule[] =>
  view
    .find(destinationRulesByHost, hostOf(service))
    .filter(({ metadata }) => metadata.namespace === service.namespace)

/** A rule for the Service's very host in its own namespace. */
const isOwn = ({ view, service }: IstioReading, { namespace, from }: MergedRule): boolean =>
  namespace === service.namespace && view.find(destinationRulesByHost, hostOf(service)).includes(from[0]!)

/**
 * A rule for many hosts in the Service's namespace, or one of the mesh's root namespace: a rule of the
 * Service's own goes before it.
 */
const isForMany = (reading: IstioReading, rule: MergedRule): boolean =>
  !isOwn(reading, rule)
  && (rule.namespace === reading.service.namespace || rule.namespace === reading.view.mesh.rootNamespace)

/** A rule of the Service's own, with what its callers have by the rule that applied so far. */
function newRule(
  { view, service }: IstioReading,
  inherited: MergedRule | undefined,
  subsets: readonly Subset[],
): DestinationRule {
  const name = [service.name, `${service.name}-subsets`].find(
    free => view.get({ kind: 'DestinationRule', namespace: service.namespace, name: free }) === undefined,
  )
  if (name === undefined)
    throw new CanaryError(
      'refused',
      `DestinationRules ${service.name} and ${service.name}-subsets in namespace ${service.namespace} are for other hosts`,
      { hints: ['Add the subsets by hand to a DestinationRule of another name.'] },
    )
  const kept = (inherited?.from ?? []).flatMap(({ spec }) => listOf(spec.subsets))
  const trafficPolicy = inherited?.from
    .map(({ spec }): unknown => Reflect.get(spec, 'trafficPolicy'))
    .find(policy => policy !== undefined)
  return {
    apiVersion: apiVersionIn(view),
    kind: 'DestinationRule',
    metadata: { name, namespace: service.namespace },
    spec: {
      host: service.name,
      ...(trafficPolicy === undefined ? {} : { trafficPolicy }),
      subsets: [...kept, ...subsets.filter(subset => !kept.some(other => other.name === subset.name))],
    },
  }
}

/**
 * The version of Istio's API in which the objects at hand are written; what is new is written in the same.
 */
export const apiVersionIn = (view: ClusterView): string =>
  [...listOf(view.list('DestinationRule')), ...listOf(view.list('VirtualService'))]
    .map(({ apiVersion }) => apiVersion)
    .toSorted(byStability)[0] ?? 'networking.istio.io/v1'

const byStability = (a: string, b: string): number => a.length - b.length
