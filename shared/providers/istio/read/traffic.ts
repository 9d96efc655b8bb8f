import { serviceWord } from '../../../objects/text/kubectl-commands.ts'
import type { Note } from '../../../routing/note.ts'
import type { EntryPoint, Traffic, Version } from '../../../routing/traffic.ts'
import { formatClient } from '../resolve/clients.ts'
import { coverageOf } from './coverage.ts'
import { entryPointOf } from './routes/entry-point.ts'
import { ownerOf } from './owners.ts'
import { seesWorkloads, type IstioReading } from './reading.ts'
import { createdFor } from './record/record.ts'
import { stableOf } from './record/stable.ts'
import { readyOf, wantedOf } from '../../../routing/service.ts'
import type { IstioVersion } from './versions.ts'

/** Who gets what of the Service. */
export function trafficOf(reading: IstioReading): Traffic {
  const { view, service, carriers, versions, complete } = reading
  const question = { service, versions, carriers, complete }
  const stable = carriers
    .map(({ object }) => stableOf(object, service))
    .find(written => written !== undefined)
  const entryPoints = carriers
    .filter(({ object }) => createdFor(object) === undefined)
    .map(carrier => {
      const owner = ownerOf(view, carrier.object)
      return { ...entryPointOf(view, carrier, question), ...(owner !== undefined && { owner }) }
    })
  return {
    service: service.name,
    namespace: service.namespace,
    ...(stable === undefined ? {} : { stable }),
    versions: versions.map(version => versionOf(reading, version)),
    entryPoints,
    notes: [...coverageOf(reading), ...cohortNotes(reading, entryPoints)],
  }
}

/** Cohorts that no longer cover the routes of their service, with the command that makes them. */
function cohortNotes(
  { service: { name, namespace } }: IstioReading,
  entryPoints: readonly EntryPoint[],
): readonly Note[] {
  return entryPoints.flatMap(({ cohorts, idle }) =>
    cohorts.flatMap(({ name: cohort, to, uncovered }) =>
      uncovered.length === 0 || idle !== undefined
        ? []
        : [
            {
              kind: 'cohort-lacks-routes' as const,
              cohort,
              places: uncovered,
              fix: `kubectl canary cohort ${cohort} ${serviceWord(name)} --to ${to} -n ${namespace}`,
            },
          ],
    ),
  )
}

function versionOf(reading: IstioReading, version: IstioVersion): Version {
  const { name, subset, unseenBy } = version
  const isPartial = subset !== undefined && unseenBy.length > 0
  return {
    name,
    ...(subset === undefined ? {} : { subset: subset.name }),
    ...((version.workloads.length > 0 || seesWorkloads(reading)) && {
      ready: readyOf(version),
      wanted: wantedOf(version),
    }),
    ...(isPartial && { unseenBy: [...new Set(unseenBy.map(formatClient))] }),
  }
}
