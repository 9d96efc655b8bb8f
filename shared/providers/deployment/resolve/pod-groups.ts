import type { Service } from '../../../objects/core.ts'
import { serviceHost } from '../../../objects/hosts.ts'
import { namespaceOf, type Labels } from '../../../objects/kube-object.ts'
import { compareNaturally } from '../../../objects/text/natural-order.ts'
import { fieldsOf, labelsOf } from '../../../objects/unchecked.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { backingsOf, backingsOfService } from '../../../workloads/backings.ts'
import { workloadOf, type ServiceWorkload } from '../../../workloads/service-workloads.ts'
import { baseOf } from '../../../workloads/version-services.ts'
import { previewOf } from './preview.ts'
import { isLabelled, otherColour, switchKeyIn, trackOf, versionOf } from './version-labels.ts'

/** The workloads of one version. */
export interface PodGroup {
  readonly name: string
  readonly alsoCalled: readonly string[]
  /** Its pods are those of `track: stable`. */
  readonly isStableTrack: boolean
  readonly workloads: readonly ServiceWorkload[]
}

/** How the pods behind a Service are divided into versions. */
export interface PodGroups {
  readonly object: Service
  /** The key of the selector that names the version; undefined where the Service selects the pods of all versions. */
  readonly switchKey: string | undefined
  /** By name. */
  readonly groups: readonly PodGroup[]
}

/**
 * The versions of a Service by the labels of the Deployments behind it; undefined for one that has none with such a
 * label, for a Service that is itself a version of another one, and for a preview.
 */
export const podGroupsOf = (
  view: ClusterView,
  { name, namespace, host }: RoutedService,
): PodGroups | undefined =>
  once(view, [podGroupsOf, `${namespace}/${name} ${host}`], () => {
    const object = host === undefined ? view.get({ kind: 'Service', namespace, name }) : undefined
    return object === undefined ? undefined : groupsOf(view, object)
  })

/** The pairs that a Service asks for. */
export const selectorOf = ({ spec }: Service): Labels => labelsOf(fieldsOf(spec)['selector'])

function groupsOf(view: ClusterView, object: Service): PodGroups | undefined {
  const selector = selectorOf(object)
  if (Object.keys(selector).length === 0 || isPartOfAnother(view, object)) return undefined
  const switchKey = switchKeyIn(selector) ?? colourKeyIn(view, object)
  const workloads = workloadsBehind(view, object, switchKey)
  if (!workloads.some(({ kind, labels }) => kind === 'Deployment' && isLabelled(labels))) {
    if (switchKey === undefined || !workloads.some(({ kind }) => kind === 'Deployment')) return undefined
  }
  const nameOf = naming(workloads, switchKey)
  const groups = [...Map.groupBy(workloads, nameOf)].map(([name, those]) => groupOf(name, those))
  return { object, switchKey, groups: groups.toSorted((a, b) => compareNaturally(a.name, b.name)) }
}

/** The workloads behind a Service; where its selector names the version, those of all versions. */
function workloadsBehind(
  view: ClusterView,
  object: Service,
  switchKey: string | undefined,
): readonly ServiceWorkload[] {
  const backings =
    switchKey === undefined
      ? (backingsOfService(view, object) ?? [])
      : backingsOf(view, without(selectorOf(object), switchKey), namespaceOf(object)).filter(
          ({ labels }) => labels[switchKey] !== undefined,
        )
  return backings.map(backing => workloadOf(view, backing, object.metadata.name))
}

/** The key of a selector, whatever it is called, that says blue or green where there is a Deployment of the other colour. */
function colourKeyIn(view: ClusterView, object: Service): string | undefined {
  const selector = selectorOf(object)
  return Object.keys(selector).find(key => {
    const other = otherColour(selector[key])
    const rest = without(selector, key)
    return (
      other !== undefined
      && Object.keys(rest).length > 0
      && backingsOf(view, rest, namespaceOf(object)).some(
        ({ object: owner, labels }) => owner?.kind === 'Deployment' && labels[key] === other,
      )
    )
  })
}

const without = (selector: Labels, key: string): Labels =>
  Object.fromEntries(Object.entries(selector).filter(([name]) => name !== key))

/** A Service `hello-v2` beside others, or one that shows a version before it is promoted. */
const isPartOfAnother = (view: ClusterView, object: Service): boolean =>
  previewOf(view, object) !== undefined
  || baseOf(view, serviceHost(object.metadata.name, namespaceOf(object), view.mesh.clusterDomain))
    !== undefined

/**
 * What the version of a workload is called: the value that the selector switches, else its version, unless that is the
 * same for two tracks; else its track; else the name of the workload.
 */
function naming(
  workloads: readonly ServiceWorkload[],
  switchKey: string | undefined,
): (workload: ServiceWorkload) => string {
  if (switchKey !== undefined) return ({ labels, name }) => labels[switchKey] ?? name
  const isApart = workloads.every(({ labels: one }) =>
    workloads.every(
      ({ labels: other }) => trackOf(one) === trackOf(other) || versionOf(one) !== versionOf(other),
    ),
  )
  return ({ labels, name }) => (isApart ? versionOf(labels) : undefined) ?? trackOf(labels) ?? name
}

function groupOf(name: string, workloads: readonly ServiceWorkload[]): PodGroup {
  const tracks = new Set(workloads.map(({ labels }) => trackOf(labels)))
  const said = workloads.flatMap(({ labels, name: own }) => [
    ...[versionOf(labels), trackOf(labels)].filter(value => value !== undefined),
    own,
    own.slice(own.lastIndexOf('-') + 1),
  ])
  return {
    name,
    alsoCalled: [...new Set(said)].filter(other => other !== name),
    isStableTrack: tracks.size === 1 && tracks.has('stable'),
    workloads,
  }
}
