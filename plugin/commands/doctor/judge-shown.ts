import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { namespaceOf } from '../../../shared/objects/kube-object.ts'
import { everyControlled } from '../../../shared/plan/controllers/controlled.ts'
import { heldInAll, togetherOf } from '../../../shared/readiness/judge-places.ts'
import {
  judgeReadiness,
  type ReadinessQuestion,
  type ReadinessReport,
} from '../../../shared/readiness/judge-readiness.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import type { FileWorld, Sources } from '../../../shared/view/sources.ts'
import { fileWordsOf } from '../../flags/argv.ts'
import type { ShownServices } from '../../read/read-shown-services.ts'
import { besideUnreadable } from '../../read/unreadable.ts'
import type { Session } from '../../session.ts'
import { statusJudge } from '../status/service-findings.ts'
import { ownersIn } from './owners.ts'

/** The reports, and where the objects of each are written; one entry for each of its places. */
export interface JudgedReports {
  readonly reports: readonly ReadinessReport[]
  readonly sourcesOf: (report: ReadinessReport) => readonly (Sources | undefined)[]
}

/** More come from a generator, or are several applications: nobody reads so many reports. */
const mostWorlds = 64

/**
 * Judges the services, and each set of files that are applied together by itself: what one environment lacks, another
 * may have. Throws `usage` for too many sets.
 */
export async function judgeShown(
  session: Session,
  shown: ShownServices,
  isOne: boolean,
): Promise<JudgedReports> {
  const { rules, re2Fault } = await statusJudge(shown.services, {
    live: shown.live,
    now: session.streams.now(),
  })
  const judging = { rules, ...(re2Fault && { re2Fault }) }
  const { worlds, notes } = (await shown.worlds?.()) ?? { worlds: [], notes: [] }
  session.noteOnce(notes)
  if (worlds.length <= 1) {
    const reports = judge(session, { ...shown, judging, fileWords: fileWordsOf(session.flags), isOne })
    return { reports, sourcesOf: () => [shown.sources] }
  }
  if (worlds.length > mostWorlds)
    throw new CanaryError('usage', `the files are ${worlds.length} sets of objects that are applied apart`, {
      hints: ['Name the files of some of them with -f, or the kustomization of one with -k.'],
    })
  const sources = new Map(worlds.map(world => [world.name, world.sources]))
  return {
    reports: togetherOf(
      worlds.map(world => ({
        place: world.name,
        reports: judgeWorld(session, { ...shown, judging }, { world, isOne }),
      })),
    ),
    sourcesOf: ({ places = [worlds[0]!.name] }) => places.map(place => sources.get(place)),
  }
}

type Judging = Pick<ReadinessQuestion, 'judging'>

interface JudgedServices
  extends Pick<ShownServices, 'view' | 'services' | 'sources' | 'live' | 'namespace'>, Judging {
  readonly fileWords: string
  readonly isOne: boolean
}

const judgeWorld = (
  session: Session,
  shown: ShownServices & Judging,
  { world, isOne }: { readonly world: FileWorld; readonly isOne: boolean },
): readonly ReadinessReport[] =>
  heldInAll(
    world.views.map(viewOf => () => {
      const { sources, words } = world
      const { view } = besideUnreadable({ ...shown, view: viewOf(), sources })
      return judge(session, {
        ...shown,
        view,
        sources,
        services: shown.readIn(view),
        fileWords: fileWordsOf(words),
        isOne,
      })
    }),
  )

function judge(
  session: Session,
  { services, sources, live, namespace, isOne, fileWords, judging, ...shown }: JudgedServices,
): readonly ReadinessReport[] {
  const view = services[0]?.view ?? shown.view
  const named = namespace === '*' ? undefined : namespace
  const namespaces = isOne ? [] : named === undefined ? inhabited(view) : [named]
  const readings =
    isOne || named !== undefined
      ? services
      : services.filter(reading => namespaces.includes(reading.service.namespace))
  return judgeReadiness({
    view,
    readings,
    namespaces,
    live,
    now: session.streams.now().getTime(),
    place: { sources, fileWords },
    owners: ownersIn(view),
    sources,
    ...(judging && { judging }),
  })
}

/** Namespaces of Kubernetes itself: not an application. */
const system = /^kube-/

/** The namespaces in which applications run; a controller may make all else of one itself. */
function inhabited(view: ClusterView): readonly string[] {
  const kinds = ['Service', 'Deployment', 'StatefulSet', 'VirtualService'] as const
  const names = [
    ...kinds.flatMap(kind => view.list(kind).map(namespaceOf)),
    ...everyControlled(view).map(({ object }) => namespaceOf(object)),
  ]
  return [...new Set(names)].filter(name => !system.test(name) && name !== view.mesh.rootNamespace).toSorted()
}
