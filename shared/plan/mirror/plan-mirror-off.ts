import { CanaryError } from '../../objects/canary-error.ts'
import { providers as allProviders } from '../../providers/providers.ts'
import type { EditableMirror, Provider, ServiceEdit, ServiceReading } from '../../routing/provider.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { inSession } from '../../view/session.ts'
import { findService, readFound, servicesIn, type FoundService, type World } from '../find/find-service.ts'
import { firstLines, listed } from '../find/first-ten.ts'
import { mirrorNotes } from '../finish/end-notes.ts'
import { finish } from '../finish/finish.ts'
import { commandFor, purposeOf, type MirrorIntent, type Target } from '../intent.ts'
import type { Plan } from '../plan.ts'
import { refuseOwnedService } from '../controllers/refuse-owned-service.ts'

/** The end of mirrors, and in which words it was asked for; `mirror off` when left out. */
type EndIntent = MirrorIntent & { readonly asked?: string }

/**
 * The mirrors that were set by a command go, and with the last of them and of the cohorts everything that was set up
 * for it; those written by hand stay and are named. Where there is none, nothing changes.
 */
export function planMirrorOff(given: ClusterView, intent: EndIntent, providers = allProviders): Plan {
  const { target, asked: title = 'mirror off' } = intent
  const world = { view: inSession(given), providers }
  const found =
    target.service === undefined
      ? mirroredService(world, target)
      : findService(world, target, { routed: false })
  if (found === undefined) {
    const note = { kind: 'no-mirrors', namespace: target.namespace } as const
    const beside = servicesIn(world, target.namespace).flatMap(one =>
      mirrorNotes({ mirrors: mirrorsOf(one.provider, readFound(world, one, target)), isOver: () => false }),
    )
    return { title, changes: [], steps: [], objects: [], notes: [note, ...beside] }
  }
  const { provider, service } = found
  const reading = readFound(world, found, target)
  const { mirrors } = reading.canary
  const notes = mirrorNotes({
    mirrors: mirrorsOf(provider, reading),
    isOver: ({ isOurs, wasByHand }) => isOurs && !wasByHand,
  })
  const isLeft = mirrors.length > 0 || endOf(provider, reading, target).changes.length > 0
  if (!isLeft) {
    const none = { kind: 'no-mirrors', service: service.name, namespace: service.namespace } as const
    return finish(provider, reading, { title, changes: [], notes: [none, ...notes] })
  }
  refuseOwnedService(world.view, { provider, service }, 'mirror')
  const edit = endOf(provider, reading, target)
  return finish(provider, reading, { ...edit, title, notes: [...notes, ...edit.notes] })
}

/** The end of the mirrors that were set by a command, and of their record, also where a person removed them from the routes. */
function endOf(provider: Provider, reading: ServiceReading, target: Target): ServiceEdit {
  if (provider.can.mirrors !== true) return { changes: [], notes: [] }
  const { stable, cohorts } = reading.canary
  return provider.edit(
    reading,
    { ...(stable[0] !== undefined && { stable: stable[0] }), cohorts, mirrors: [] },
    purposeOf({ target }, { needs: 'weights', reading }),
  )
}

/** The mirrors of all routes to a service; none where nothing routes to it or its routes cannot be edited. */
function mirrorsOf(provider: Provider, reading: ServiceReading): readonly EditableMirror[] {
  try {
    return provider.editable(reading, purposeOf({ target: anyTarget }, { needs: 'weights', reading })).mirrors
  } catch (error) {
    if (error instanceof CanaryError) return []
    throw error
  }
}

const anyTarget: Target = { namespace: '', command: '' }

/** The one service of the namespace with mirrors that were set by a command; where none has any, with a record of them. */
function mirroredService(world: World, target: Target): FoundService | undefined {
  const all = servicesIn(world, target.namespace).map(found => ({
    found,
    reading: readFound(world, found, target),
  }))
  const mirrored = all.filter(({ reading }) => reading.canary.mirrors.length > 0)
  const named =
    mirrored.length > 0
      ? mirrored
      : all.filter(({ found, reading }) => endOf(found.provider, reading, target).changes.length > 0)
  const services = named.map(({ found }) => found)
  if (services.length <= 1) return services[0]
  const names = services.map(({ service }) => service.name)
  throw new CanaryError(
    'ambiguous',
    `${services.length} Services in namespace ${target.namespace} are mirrored: ${listed(names)}`,
    { hints: ['Choose one:', ...firstLines(names.map(name => `  ${commandFor(target, name)}`))] },
  )
}
