import { controllers } from '../../controllers/controllers.ts'
import { CanaryError } from '../../objects/canary-error.ts'
import { refOf } from '../../objects/kinds.ts'
import { controllerOf, keyOf, namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { serviceWord } from '../../objects/text/kubectl-commands.ts'
import { readers } from '../../providers/readers.ts'
import type { ControlledRollout, Controller, PlacedName } from '../../routing/controller.ts'
import type { RoutingReader } from '../../routing/provider.ts'
import type { RoutedService } from '../../routing/service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import { firstLines } from '../find/first-ten.ts'
import { commandFor, type Target } from '../intent.ts'

/** What the claim of a rollout to a Service rests on. */
type Claim = 'name' | 'route' | 'pods' | 'own name'

/** A rollout that owns a Service, and by what. */
export interface OwningRollout extends ControlledRollout {
  readonly by: Claim
}

/**
 * The rollouts of controllers that own a Service, and with it decide who edits its routes. The one place where that is
 * said, by the first of these that there is: those that name the Service or have made it; those that write a route to it,
 * or for its host; the one whose pods alone are behind it, where nothing routes it; where there is no such Service, the
 * one of that name.
 */
export const controlledOf = (view: ClusterView, { namespace, name }: PlacedName): readonly OwningRollout[] =>
  once(view, [controlledOf, `${namespace}/${name}`], () => {
    const asked = { view, service: { namespace, name, clusterDomain: view.mesh.clusterDomain } }
    for (const [by, claim] of Object.entries(claims) as [Claim, (asked: Asked) => readonly string[]][]) {
      const owners = new Set(claim(asked))
      const found = owners.size === 0 ? [] : everyControlled(view).filter(({ owner }) => owners.has(owner))
      if (found.length > 0) return found.map(rollout => ({ ...rollout, by }))
    }
    return []
  })

interface Asked {
  readonly view: ClusterView
  readonly service: RoutedService
}

/** What each claim rests on: the rollouts that have it, by their keys. */
const claims: Readonly<Record<Claim, (asked: Asked) => readonly string[]>> = {
  name: ({ view, service }) => {
    const made = controllerOf(view.get({ kind: 'Service', ...placed(service) }) ?? nothing)
    return controlledIn(view, service.namespace)
      .filter(
        ({ controller, object }) =>
          controller.servicesOf(object).some(({ name }) => name === service.name)
          || (made?.kind === object.kind && made.name === object.metadata.name),
      )
      .map(({ owner }) => owner)
  },
  route: asked => ownersSaidBy(routing, asked),
  // What is routed is divided by its routes.
  pods: asked =>
    routing.some(reader => reader.isRouted(asked.view, asked.service)) ? [] : ownersSaidBy(plain, asked),
  'own name': ({ view, service }) =>
    view.get({ kind: 'Service', ...placed(service) }) === undefined
      ? controlledIn(view, service.namespace)
          .filter(({ object }) => object.metadata.name === service.name)
          .map(({ owner }) => owner)
      : [],
}

/** The routing APIs that have routes, and what reads Services without any. */
const [routing, plain] = [
  readers.filter(({ isLast }) => isLast !== true),
  readers.filter(({ isLast }) => isLast),
]

const ownersSaidBy = (said: readonly RoutingReader[], { view, service }: Asked): readonly string[] =>
  everyControlled(view).length === 0
    ? []
    : said.flatMap(reader => reader.owned(view, service).map(({ owner }) => owner))

const nothing = { metadata: {} } as KubeObject

const placed = ({ namespace, name }: RoutedService): PlacedName => ({ namespace, name })

/** All rollouts of controllers in view. */
export const everyControlled = (view: ClusterView): readonly ControlledRollout[] =>
  controllers.flatMap(controller =>
    view.list(controller.kind).map(object => asControlled(controller, object)),
  )

/** All rollouts of controllers in a namespace. */
export const controlledIn = (view: ClusterView, namespace: string): readonly ControlledRollout[] =>
  controllers.flatMap(controller =>
    view.list(controller.kind, namespace).map(object => asControlled(controller, object)),
  )

/** The Service by which a person means a rollout: of those that it owns the one of its name, else the first that it names. */
export function serviceOf(view: ClusterView, { controller, object, owner }: ControlledRollout): PlacedName {
  const namespace = namespaceOf(object)
  const own = { namespace, name: object.metadata.name }
  const isOwned = (service: PlacedName): boolean =>
    controlledOf(view, service).some(rollout => rollout.owner === owner)
  const isThere = (service: PlacedName): boolean => view.get({ kind: 'Service', ...service }) !== undefined
  const named = controller.servicesOf(object)
  const first = [own, ...named].find(service => isThere(service) && isOwned(service))
  if (first !== undefined) return first
  const other = view
    .list('Service', namespace)
    .map(({ metadata: { name } }) => ({ namespace, name }))
    .find(isOwned)
  return other ?? named.find(isOwned) ?? own
}

/** Whether there is such a Service, or a controller makes it, which files need not have. */
export const isMade = (view: ClusterView, { namespace, name }: PlacedName): boolean =>
  view.get({ kind: 'Service', namespace, name }) !== undefined
  || controlledOf(view, { namespace, name }).length > 0

/** A rollout of a controller may be named in place of its Service, where there is no Service of that name. */
export function meantByRollout(view: ClusterView, said: RoutedService): RoutedService {
  const [rollout] = controlledOf(view, said)
  return rollout?.by === 'own name' ? { ...said, ...serviceOf(view, rollout) } : said
}

const asControlled = (controller: Controller, object: KubeObject): ControlledRollout => ({
  controller,
  object,
  owner: keyOf(refOf(object)),
})

/** The one of several rollouts; throws a CanaryError `ambiguous` that lists the command for each. */
export function requireOneRollout(
  view: ClusterView,
  target: Target,
  found: readonly ControlledRollout[],
): ControlledRollout | undefined {
  if (found.length < 2) return found[0]
  throw new CanaryError(
    'ambiguous',
    `${found.length} rollouts of controllers match: ${found.map(({ owner }) => owner).join(', ')}`,
    {
      hints: [
        'Choose one:',
        ...firstLines(found.map(rollout => `  ${commandFor(target, serviceOf(view, rollout).name)}`)),
      ],
    },
  )
}

/** How a rollout is named in a command: `catalog -n shop`. */
export const wordsFor = ({ name, namespace }: PlacedName): string => `${serviceWord(name)} -n ${namespace}`
