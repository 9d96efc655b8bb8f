import { fieldsOf, itemsOf } from '../../../objects/unchecked.ts'
import { serviceWord, shellWord } from '../../../objects/text/kubectl-commands.ts'
import { entranceOf } from '../../../routing/condition.ts'
import type { Note } from '../../../routing/note.ts'
import type { CohortRoute, EntryPoint, SeenWorkload, Traffic, Version } from '../../../routing/traffic.ts'
import { formatClient } from '../resolve/clients.ts'
import { coverageOf } from './coverage.ts'
import { entryPointOf } from './routes/entry-point.ts'
import { ineffectiveNotes } from './ineffective.ts'
import { ownerOf } from './owners.ts'
import { seesWorkloads, type IstioReading } from './reading.ts'
import { createdFor, recordOf } from './record/record.ts'
import { stickyIn } from './record/sticky.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import { idOf, readyOf, wantedOf, type VersionWorkload } from '../../../routing/service.ts'
import type { IstioVersion } from './versions.ts'

/** Who gets what of the Service. */
export function trafficOf(reading: IstioReading): Traffic {
  const { view, service, carriers, wildcardCarriers, versions, complete } = reading
  const question = { service, versions, carriers, complete }
  const stable = carriers
    .map(({ object }) => stableOf(object, service))
    .find(written => written !== undefined)
  const entryPoints = [...carriers, ...wildcardCarriers]
    .filter(({ object }) => createdFor(object) === undefined)
    .map(carrier => {
      const owner = ownerOf(view, carrier.object, service)
      return { ...entryPointOf(view, carrier, question), ...(owner !== undefined && { owner }) }
    })
  return {
    service: service.name,
    namespace: service.namespace,
    ...(stable === undefined ? {} : { stable }),
    versions: versions.map(version => versionOf(reading, version)),
    entryPoints,
    notes: [
      ...coverageOf(reading),
      ...cohortNotes(reading, entryPoints),
      ...stickyNotes(reading, entryPoints),
      ...ineffectiveNotes(reading, entryPoints),
    ],
  }
}

/** Cohorts that do not cover the routes of their service, with the command that makes them. */
function cohortNotes(reading: IstioReading, entryPoints: readonly EntryPoint[]): readonly Note[] {
  const { name: service, namespace } = reading.service
  const inForce = entryPoints.filter(({ idle, preview }) => idle === undefined && preview === undefined)
  const cohorts = new Map(inForce.flatMap(point => point.cohorts.map(one => [one.name, one] as const)))
  return [...cohorts.values()].flatMap((one): readonly Note[] => {
    const { name: cohort, to } = one
    const places = inForce.flatMap(point => {
      const own = point.cohorts.filter(({ name }) => name === cohort)
      return own.length > 0
        ? own.flatMap(({ uncovered }) => uncovered)
        : isWithoutCohort(reading, point, one)
          ? [`VirtualService ${point.ref.namespace}/${point.ref.name}`]
          : []
    })
    const fix = `kubectl canary cohort ${cohort} ${serviceWord(service)} --to ${to} -n ${namespace}`
    return places.length === 0 ? [] : [{ kind: 'cohort-lacks-routes', cohort, places, fix }]
  })
}

/** Routes that give users a cookie to which nothing keeps, with the command that sets the split again. */
function stickyNotes(
  { service: { name, namespace }, carriers, service }: IstioReading,
  entryPoints: readonly EntryPoint[],
): readonly Note[] {
  const places = entryPoints.flatMap(({ idle, sticky }) =>
    idle === undefined ? (sticky?.uncovered ?? []) : [],
  )
  const split = carriers.map(({ object }) => stickyIn(object, service)?.split).find(Boolean)
  if (places.length === 0 || split === undefined) return []
  const fix = `kubectl canary weight ${serviceWord(name)} ${shellWord(split)} --sticky -n ${namespace}`
  return [{ kind: 'sticky-lacks-routes', places, fix }]
}

/** Whether an entry point takes http requests that could be of the cohort, and nobody left it out. */
function isWithoutCohort(
  { view, service, carriers }: IstioReading,
  { ref, splits, gateways }: EntryPoint,
  { conditions }: CohortRoute,
): boolean {
  const isChosen = carriers.some(
    ({ object }) => recordOf(object).restore?.only?.[idOf(service)] !== undefined,
  )
  const only = entranceOf(conditions)
  const isApart = only !== undefined && !gateways.some(name => (name === 'mesh') === (only === 'mesh'))
  return (
    !isChosen
    && !isApart
    && itemsOf(fieldsOf(Reflect.get(view.get(ref) ?? {}, 'spec'))['http']).length > 0
    && splits.some(({ reached }) => reached)
  )
}

/** A Service as it is named from a namespace. */
const nameFrom = (
  namespace: string,
  service: { readonly name: string; readonly namespace: string },
): string => (service.namespace === namespace ? service.name : `${service.name}.${service.namespace}`)

function versionOf(reading: IstioReading, version: IstioVersion): Version {
  const { name, subset, service, unseenBy } = version
  const isPartial = subset !== undefined && unseenBy.length > 0
  return {
    name,
    ...(subset === undefined ? {} : { subset: subset.name }),
    ...(service !== undefined && { host: nameFrom(reading.service.namespace, service) }),
    ...((version.workloads.length > 0 || seesWorkloads(reading)) && {
      ready: readyOf(version),
      wanted: wantedOf(version),
      workloads: version.workloads.map(seenOf),
    }),
    ...(isPartial && { unseenBy: [...new Set(unseenBy.map(formatClient))] }),
  }
}

/** A workload as it is shown: by what it runs, and not by the labels of its pods. */
const seenOf = ({ kind, name, ready, wanted, images, created }: VersionWorkload): SeenWorkload => ({
  kind,
  name,
  ready,
  wanted,
  ...(images !== undefined && { images }),
  ...(created !== undefined && { created }),
})
