import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Kind, KubeObject } from '../../../shared/objects/kube-object.ts'
import {
  controlledIn,
  controlledOf,
  requireOneRollout,
  serviceOf,
  wordsFor,
} from '../../../shared/plan/controllers/controlled.ts'
import { isSetByHand } from '../../../shared/plan/controllers/hand-set.ts'
import { refuseControlled } from '../../../shared/plan/controllers/refuse-owned-service.ts'
import { findService } from '../../../shared/plan/find/find-service.ts'
import { parseService } from '../../../shared/plan/find/parse-service.ts'
import { withOwnerCommand } from '../../../shared/plan/finish/owner-commands.ts'
import type { ControlledRollout, ControllerOrder, PlacedName } from '../../../shared/routing/controller.ts'
import type { Provider } from '../../../shared/routing/provider.ts'
import type { Store } from '../../../shared/view/store.ts'
import { readParts } from '../../read/read-parts.ts'
import type { CommandReading } from '../../read/read-for-command.ts'
import type { Intent, IntentOf, ReadyIntent } from '../intent.ts'
import { ownedVerbs } from '../plan-intent.ts'
import { requireTaken, type OrderedRollout } from './require-taken.ts'

/** The kinds of which an object may own a rollout. */
const owning: readonly Kind[] = ['Rollout', 'Canary']

/**
 * What a person wants as an order to the controller that owns the service, where one does; undefined where none does,
 * or where it is an edit to which the controller yields. Throws a CanaryError `refused` for another edit: who owns a
 * service is asked before what routes it, whatever routing API was chosen.
 */
export async function controlledIntent(
  store: Store,
  reading: CommandReading,
  { intent, providers, isRun }: Asked,
): Promise<ReadyIntent | undefined> {
  if (!owning.some(kind => reading.view.list(kind).length > 0)) {
    if (intent.kind === 'order') throw noController(reading, intent)
    return undefined
  }
  if (isRun) {
    refuseRun(reading)
    return undefined
  }
  const order = orderOf(intent)
  if (order === undefined) {
    if (intent.kind !== 'order') refuseEdit(reading, { intent, providers })
    return undefined
  }
  const rollout = rolloutMeant(reading, intent, providers)
  if (rollout === undefined) {
    if (intent.kind === 'order') throw noController(reading, intent)
    return undefined
  }
  if (await isByHand(store, reading, { intent, rollout })) return undefined
  await requireTaken(store, reading, { intent, rollout })
  const parts: readonly KubeObject[] = order === 'undo' ? await readParts(store, [rollout]) : []
  const toRevision = 'toRevision' in intent ? intent.toRevision : undefined
  return { kind: 'order', service: intent.service, order, rollout, parts, toRevision }
}

/** Whether it takes back what was set by hand while the controller yields, and is no order. */
async function isByHand(
  { history }: Store,
  { view }: CommandReading,
  { intent, rollout }: OrderedRollout,
): Promise<boolean> {
  if (intent.kind !== 'abort' && intent.kind !== 'undo') return false
  if (rollout.controller.yields(rollout.object, intent.kind) === undefined) return false
  const { name, namespace } = serviceOf(view, rollout)
  if (intent.kind === 'abort') return isSetByHand(view, { name, namespace })
  const known = await history?.list({ service: name, namespace })
  return (known?.changes.length ?? 0) > 0
}

/** What is wanted, and by whom. */
interface Asked {
  readonly intent: Intent
  readonly providers: readonly Provider[]
  readonly isRun: boolean
}

/** Throws a CanaryError `refused` for a run of a service that a controller delivers, be it suspended or not. */
function refuseRun({ view, target }: CommandReading): void {
  if (target.service === undefined) return
  const [rollout] = controlledOf(view, parseService(target.service, { ...target, view }))
  if (rollout === undefined) return
  const { controller, owner } = rollout
  const service = serviceOf(view, rollout)
  throw new CanaryError('refused', `${service.name} is delivered by ${owner} of ${controller.title}`, {
    owner,
    hints: [`How far that is: kubectl canary status ${wordsFor(service)}`],
  })
}

/** What an intent is as an order; undefined for an edit of routes by hand. */
function orderOf(intent: Intent): ControllerOrder | undefined {
  if (intent.kind === 'order') return intent.order
  if (intent.kind === 'promote') return 'full'
  return intent.kind === 'abort' || intent.kind === 'undo' ? intent.kind : undefined
}

/** Throws what stands against an edit of a Service that was named, or of the only one that a controller makes. */
function refuseEdit(reading: CommandReading, { intent, providers }: EditAsked): void {
  const { view, target } = reading
  const service =
    target.service === undefined ? madeLater(reading) : parseService(target.service, { ...target, view })
  if (service === undefined) return
  const verb = ownedVerbs[intent.kind]
  try {
    const yielded = refuseControlled(view, service, verb)
    if (yielded.length > 0) refuseWithoutRoute(reading, { intent, providers, service })
  } catch (error) {
    throw withOwnerCommand(error, { ...reading, verb })
  }
}

interface EditAsked extends Pick<Asked, 'providers'> {
  readonly intent: Exclude<Intent, IntentOf<'order'>>
}

/** The Service of the only rollout of a namespace without Services, as in files that do not have what a controller makes. */
function madeLater({ view, target: { namespace } }: CommandReading): PlacedName | undefined {
  const [rollout, ...others] = controlledIn(view, namespace)
  const isMade = view.list('Service', namespace).length === 0 && others.length === 0
  return rollout !== undefined && isMade ? serviceOf(view, rollout) : undefined
}

/** Throws a CanaryError `refused` where a controller yields, and has no route here that could be edited. */
function refuseWithoutRoute(
  { view, target }: CommandReading,
  { intent, providers, service }: EditAsked & { readonly service: PlacedName },
): void {
  const said = { ...service, clusterDomain: view.mesh.clusterDomain }
  if (providers.some(provider => provider.isRouted(view, provider.serviceMeantBy(view, said)))) return
  const [rollout] = controlledOf(view, service)
  if (rollout === undefined) return
  const { controller, owner } = rollout
  const shares = intent.kind === 'set-weights' ? [...intent.weights].map(share => share.join('=')) : []
  const [name = '', ...rest] = wordsFor(serviceOf(view, rollout)).split(' ')
  throw new CanaryError('refused', `no route of ${service.name} is here whose shares could be set`, {
    owner,
    hints:
      target.live === true
        ? [`${controller.title} has written none for it: its requests are not split.`]
        : [
            `${controller.title} writes its routes on the cluster. There, while it is suspended: kubectl canary ${['weight', name, ...shares, ...rest].join(' ')}`,
          ],
  })
}

/** The rollout of the Service that was named, else of the only one for which the words make sense. */
function rolloutMeant(
  { view, target }: CommandReading,
  intent: Intent,
  providers: readonly Provider[],
): ControlledRollout | undefined {
  if (target.service === undefined) {
    const all = controlledIn(view, target.namespace)
    return intent.kind === 'order'
      ? requireOneRollout(view, target, all)
      : inferred({ view, target }, { intent, providers, all })
  }
  const service = parseService(target.service, { ...target, view })
  return requireOneRollout(view, target, controlledOf(view, service))
}

interface Inferring {
  readonly intent: Intent
  readonly providers: readonly Provider[]
  readonly all: readonly ControlledRollout[]
}

/** A verb of our own means the service for which it makes sense; where it makes sense for none, a rollout. */
function inferred(
  { view, target }: Pick<CommandReading, 'view' | 'target'>,
  { intent, providers, all }: Inferring,
): ControlledRollout | undefined {
  const version = intent.kind === 'promote' ? { version: intent.version } : {}
  try {
    const { service } = findService({ view, providers }, target, { ...version, routed: true })
    return controlledOf(view, service)[0]
  } catch (error) {
    if (!(error instanceof CanaryError) || error.code !== 'not-found') throw error
    return all.length === 1 ? all[0] : undefined
  }
}

/** There is nobody to give the order to. */
function noController({ target }: CommandReading, { order, service }: IntentOf<'order'>): CanaryError {
  const named = `${service ?? 'SERVICE'} VERSION -n ${target.namespace}`
  return new CanaryError(
    'not-found',
    `no rollout of Argo Rollouts or Flagger ${service === undefined ? `in namespace ${target.namespace}` : `owns ${service}`}`,
    {
      hints: [
        order === 'step' || order === 'full'
          ? `To make a version stable: kubectl canary promote ${named}`
          : `To begin a run: kubectl canary run ${named}`,
      ],
    },
  )
}
