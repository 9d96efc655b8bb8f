import { expandHost, serviceHost } from '../../objects/hosts.ts'
import { isKind, workloadKinds, type Kind } from '../../objects/kinds.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { valueAt } from '../../objects/paths.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Unfilled } from '../../view/sources.ts'
import type { Path } from '../rule.ts'
import { isWithin } from './fillings.ts'
import type { Patterns } from './patterns.ts'

/** The objects around a finding, and what may be equal. */
export interface OpenWorld {
  readonly view: ClusterView
  readonly patterns: Patterns
  readonly unfilled: readonly Unfilled[]
}

/** Fields that say what an object is to the mesh; placeholders in all others have no bearing on routes. */
const tellingFields: Partial<Record<Kind, readonly Path[]>> = {
  DestinationRule: [
    ['spec', 'subsets'],
    ['spec', 'exportTo'],
    ['spec', 'workloadSelector'],
  ],
  Service: [
    ['spec', 'selector'],
    ['spec', 'ports'],
    ['spec', 'type'],
    ['spec', 'clusterIP'],
    ['spec', 'externalName'],
    ['metadata', 'annotations'],
  ],
  ServiceEntry: [['spec']],
}

/**
 * Whether an object that is still to be filled in may be one that a host's routing rests on: it is the host's
 * own and something that matters is open, or it may become the host's own.
 */
export function mayBearOn(
  { host, namespace }: { readonly host: string; readonly namespace: string },
  around: OpenWorld,
): boolean {
  const { view, patterns, unfilled } = around
  const open = unfilled.flatMap(({ ref, placeholders }) => {
    const object = hostKinds.includes(ref.kind) ? view.get(ref) : undefined
    return object === undefined ? [] : [{ object, paths: placeholders.map(({ path }) => path) }]
  })
  // What is still to be filled in may become the name of anything.
  const all = patterns.isOpen(host)
    ? hostKinds.flatMap(kind => view.list(kind)).map(object => ({ object, paths: [] }))
    : []
  return (
    [...open, ...all].some(({ object, paths }) =>
      hostsOf(object, view).some(own => {
        if (own === host || isWildcardFor(own, host))
          return paths.some(path => tells(object, path, namespace))
        if (!patterns.isOpen(own) && !patterns.isOpen(host)) return false
        return own.startsWith('*') || patterns.couldBeEqual(own, host)
      }),
    ) || mayBeBehind(host, around)
  )
}

const hostKinds: readonly Kind[] = ['DestinationRule', 'Service', 'ServiceEntry']

/** What is in the same namespace as the judged object exists, whatever the namespace is called. */
const tells = (object: KubeObject, path: Path, namespace: string): boolean =>
  isWithin(path, ['metadata', 'namespace'])
    ? namespaceOf(object) !== namespace
    : (tellingFields[object.kind as Kind] ?? []).some(field => isWithin(path, field))

/** The hosts that an object provides or is for, expanded; `*` of a wildcard stays. */
function hostsOf(object: KubeObject, { mesh: { clusterDomain } }: ClusterView): readonly string[] {
  const { namespace = '' } = object.metadata
  if (isKind('Service', object)) return [serviceHost(object.metadata.name, namespace, clusterDomain)]
  const spec: unknown = Reflect.get(object, 'spec')
  const said = [valueAt(spec, ['host']), valueAt(spec, ['hosts'])].flat()
  return said.filter(host => typeof host === 'string').map(host => expandHost(host, namespace, clusterDomain))
}

const isWildcardFor = (own: string, host: string): boolean =>
  own.startsWith('*') && host.endsWith(own.slice(1))

/** Whether the labels of some workload are open, or its namespace, so that it may be behind the host. */
function mayBeBehind(host: string, { view, patterns, unfilled }: OpenWorld): boolean {
  const services = view
    .list('Service')
    .filter(service => hostsOf(service, view).some(own => patterns.couldBeEqual(own, host)))
  return unfilled.some(({ ref, placeholders }) => {
    const labelsAt = podLabelsAt(ref.kind)
    const object = labelsAt === undefined ? undefined : view.get(ref)
    if (object === undefined || labelsAt === undefined) return false
    const areLabelsOpen = placeholders.some(({ path }) => isWithin(path, labelsAt))
    const labels = (valueAt(object, labelsAt) ?? {}) as TypedLabels
    return services.some(service => {
      const [own, its] = [namespaceOf(object), namespaceOf(service)]
      if (own === its ? !areLabelsOpen : !patterns.isOpen(own) || !patterns.couldBeEqual(own, its))
        return false
      const selector = (valueAt(service, ['spec', 'selector']) ?? {}) as TypedLabels
      return Object.entries(selector).every(
        ([key, value]) =>
          Object.keys(labels).some(name => patterns.isOpen(name))
          || (labels[key] !== undefined && patterns.couldBeEqual(labelText(labels[key]), labelText(value))),
      )
    })
  })
}

/** Labels as files have them: a number is not a string, but people write it without quotes. */
type TypedLabels = Readonly<Record<string, unknown>>
const labelText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const podLabelsAt = (kind: Kind): Path | undefined =>
  kind === 'Pod' || kind === 'WorkloadEntry'
    ? ['metadata', 'labels']
    : (workloadKinds as readonly Kind[]).includes(kind)
      ? ['spec', 'template', 'metadata', 'labels']
      : undefined
