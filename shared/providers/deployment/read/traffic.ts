import { refOf } from '../../../objects/kinds.ts'
import { fieldsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import { readyOf, wantedOf } from '../../../routing/service.ts'
import { roundPercent } from '../../../routing/shares.ts'
import type { EntryPoint, SeenWorkload, Share, Split, Traffic, Version } from '../../../routing/traffic.ts'
import { madePreview } from '../resolve/preview.ts'
import { podsOf, selectedOf, type PodReading, type PodVersion } from './reading.ts'
import { ownerOf } from './owners.ts'

/** Kubernetes' own time for an address, in seconds (`DefaultClientIPServiceAffinitySeconds`): three hours. */
export const usualAffinity = 10_800

/** Who gets what of a service by its pods. */
export function trafficOf(reading: PodReading): Traffic {
  const { service, object, versions } = reading
  const stable = object && stableOf(object, service)
  return {
    service: service.name,
    namespace: service.namespace,
    ...(stable !== undefined && { stable }),
    versions: versions.map(version => shownVersion(reading, version)),
    entryPoints:
      object === undefined
        ? []
        : [entryPointOf(reading), ...previewPoints(reading)].flatMap(point => point ?? []),
    notes: [],
  }
}

function shownVersion({ seesWorkloads }: PodReading, { name, workloads }: PodVersion): Version {
  return {
    name,
    ...((workloads.length > 0 || seesWorkloads) && {
      ready: readyOf({ workloads }),
      wanted: wantedOf({ workloads }),
      workloads: workloads.map(({ labels: _, ...workload }): SeenWorkload => workload),
    }),
  }
}

function entryPointOf(reading: PodReading): EntryPoint | undefined {
  const { object, service, view, versions, switchKey } = reading
  if (object === undefined) return undefined
  const owner = ownerOf(view, service)
  const affinity = affinityOf(object)
  return {
    ref: refOf(object),
    hosts: [service.name],
    gateways: [],
    cohorts: [],
    splits: [{ takes: '', shares: sharesOf(reading), reached: true, ...unknownReplicasOf(reading) }],
    mirrors: [],
    ...(switchKey === undefined && {
      asked: versions.map(version => [version.name, wantedOf(version)] as const),
    }),
    ...(affinity !== undefined && { affinity }),
    ...(owner !== undefined && { owner: owner.owner }),
  }
}

/**
 * The share of each version: that of its ready pods among all, as a Service spreads connections over ready pods alike;
 * all to the version that the selector names.
 */
export function sharesOf(reading: PodReading): readonly Share[] {
  const { switchKey, versions } = reading
  if (switchKey !== undefined) {
    const selected = selectedOf(reading)
    return selected === undefined ? [] : [{ version: selected.name, percent: 100 }]
  }
  const counted = versions.map(version => ({ version: version.name, pods: podsOf(reading, version) }))
  const all = counted.reduce((sum, { pods }) => sum + pods, 0)
  return counted
    .filter(({ pods }) => pods > 0)
    .map(({ version, pods }) => ({ version, percent: roundPercent((pods * 100) / all) }))
}

/** Replicas that are no number, such as `${REPLICAS}` in a file: the pods of all are not known. */
export function unknownReplicasOf({
  view,
  service,
  switchKey,
  versions,
}: PodReading): Pick<Split, 'unknownWeight'> {
  if (switchKey !== undefined) return {}
  const text = versions
    .flatMap(({ workloads }) => workloads)
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ name }) => view.get({ kind: 'Deployment', namespace: service.namespace, name }))
    .map(deployment => textOf(fieldsOf(deployment?.spec)['replicas']))
    .find(said => said !== undefined)
  return text === undefined ? {} : { unknownWeight: text }
}

/** For how long a client address stays at a pod, in seconds; undefined where it does not. */
export function affinityOf({ spec }: NonNullable<PodReading['object']>): number | undefined {
  const { sessionAffinity, sessionAffinityConfig } = fieldsOf(spec)
  if (sessionAffinity !== 'ClientIP') return undefined
  return numberOf(fieldsOf(fieldsOf(sessionAffinityConfig)['clientIP'])['timeoutSeconds']) ?? usualAffinity
}

/** The Service that shows a version until it is promoted. */
function previewPoints({ view, service }: PodReading): readonly EntryPoint[] {
  const made = madePreview(view, service)
  if (made === undefined) return []
  return [
    {
      ref: refOf(made.object),
      hosts: [made.object.metadata.name],
      gateways: [],
      cohorts: [],
      splits: [{ takes: '', shares: [{ version: made.version, percent: 100 }], reached: true }],
      mirrors: [],
      preview: made.version,
    },
  ]
}
