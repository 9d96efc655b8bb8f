import { CanaryError } from '../../objects/canary-error.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { Provider, RoutingReader, ServiceReading } from '../../routing/provider.ts'
import { idOf, type Completeness, type RoutedService } from '../../routing/service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { isMade, meantByRollout } from '../controllers/controlled.ts'
import { commandFor, type Target } from '../intent.ts'
import { isApiServer } from './api-server.ts'
import { requireOneApi } from './foreign-routes.ts'
import { versionsNamed } from './find-version.ts'
import { bare, bareService, isVersionOf, ownedSentence, parseService } from './parse-service.ts'
import { firstLines, listed } from './first-ten.ts'
import { misplacedHints, suggest } from './suggest.ts'

/** On a live cluster what is not in view does not exist; files are rarely the whole world. */
export const completenessOf = ({ live }: Pick<Target, 'live'>): Completeness => ({ complete: live === true })

/** Where services are looked for. */
export interface World<P extends RoutingReader = Provider> {
  readonly view: ClusterView
  readonly providers: readonly P[]
}

/** A service, and the routing API that routes it. */
export interface FoundService<P extends RoutingReader = Provider> {
  readonly provider: P
  readonly service: RoutedService
}

/** What a service must have to be inferred for a request. */
export interface ServiceTraits {
  /** It has this version. */
  readonly version?: string
  /** It has a cohort of this name. */
  readonly cohort?: string
  /** Something routes to it already. */
  readonly routed: boolean
}

/**
 * The service that a request is about: the one named, else the one in the namespace for which the request
 * makes sense. Throws a CanaryError that lists the candidates.
 */
export function findService<P extends RoutingReader>(
  world: World<P>,
  target: Target,
  traits: ServiceTraits,
): FoundService<P> {
  const found =
    target.service === undefined
      ? inferService(world, target, traits)
      : namedService(world, target, target.service)
  requireOneApi(world, target, { ...found, isEdit: traits.routed })
  return found
}

/** The same for a look: a service that several routing APIs route is read by each of them. */
export function findServices<P extends RoutingReader>(
  world: World<P>,
  target: Target & { readonly service?: string | undefined },
): readonly FoundService<P>[] {
  const found = namedService(world, target, target.service ?? '')
  const all = world.providers
    .filter(
      provider =>
        provider === found.provider
        || (provider.isLast !== true && provider.isRouted(world.view, found.service)),
    )
    .map(provider => ({ provider, service: provider.serviceMeantBy(world.view, bare(found.service)) }))
  return all.length > 1 ? all : [found]
}

/** The services of a namespace, each with the routing API that routes it: else the first that knows it. */
export function servicesIn<P extends RoutingReader>(
  { view, providers }: World<P>,
  namespace: string,
): readonly FoundService<P>[] {
  const found = new Map<string, FoundService<P>>()
  for (const provider of providers) {
    for (const service of provider.services(view, namespace)) {
      if (isApiServer(view, service)) continue
      const known = found.get(idOf(service))
      if (
        known === undefined
        || (!known.provider.isRouted(view, service) && provider.isRouted(view, service))
      )
        found.set(idOf(service), { provider, service })
    }
  }
  // What one API knows as a version of a service is no service of its own by another one, unless that has a route to it.
  const all = [...found.values()]
  return all.filter(
    ({ provider, service }) =>
      !isVersionOf(all, service) || (provider.isLast !== true && provider.isRouted(view, service)),
  )
}

/** How the routing API reads a service that was found. */
export const readFound = <P extends RoutingReader>(
  { view }: World<P>,
  { provider, service }: FoundService<P>,
  target: Pick<Target, 'live'>,
): ServiceReading => provider.read(view, service, completenessOf(target))

function namedService<P extends RoutingReader>(
  world: World<P>,
  target: Target,
  text: string,
): FoundService<P> {
  const { view, providers } = world
  const said = meantByRollout(view, parseService(text, { namespace: target.namespace, view }))
  const service = providers.map(each => each.serviceMeantBy(view, said)).find(each => each !== said) ?? said
  const labels = bareService(text).split('.')
  const isName = labels.length <= 2 || labels[2] === 'svc'
  const provider = isName ? providerOf(world, target, service) : undefined
  if (provider !== undefined) return { provider, service }
  for (const each of providers) {
    const external = each.external(view, bareService(text), target.namespace)
    if (external !== undefined) return { provider: each, service: external }
  }
  if (isName) throw noService(world, target, { text, said })
  const hosts = providers.flatMap(each => each.externalHosts(view))
  throw new CanaryError('not-found', `no object provides or routes the host ${bareService(text)}`, {
    hints: [`A Service is NAME or NAME.NAMESPACE.${suggest(bareService(text), hosts)}`],
  })
}

/** The routing API that routes a service; for one that none does, the first where there is a sign of it. */
function providerOf<P extends RoutingReader>(
  { view, providers }: World<P>,
  target: Target,
  service: RoutedService,
): P | undefined {
  const routing = providers.find(provider => provider.isRouted(view, service))
  if (routing !== undefined) return routing
  const isThere = isMade(view, service)
  return providers.find(
    provider => isThere || provider.read(view, service, completenessOf(target)).versions.length > 0,
  )
}

function noService<P extends RoutingReader>(
  world: World<P>,
  target: Target,
  { text, said: { name, namespace } }: { readonly text: string; readonly said: RoutedService },
): CanaryError {
  const services = servicesIn(world, namespace)
  const there = services.map(({ service }) => service.name)
  const versionsOf = (found: FoundService<P>) => readFound(world, found, target).versions
  const named = world.view.list('Service').filter(({ metadata }) => metadata.name === name)
  // In files a namespace may still be to be filled in.
  const elsewhere = named.map(namespaceOf).filter(other => /^[a-z0-9-]+$/.test(other))
  return new CanaryError('not-found', `no Service ${name} in namespace ${namespace}`, {
    hints: [
      ...misplacedHints(target, text, { services, versionsOf }),
      ...elsewhere.map(other => `Namespace ${other} has a Service of this name: add -n ${other}.`),
      there.length === 0
        ? `Namespace ${namespace} has no Services.`
        : `Services: ${listed(there)}.${suggest(name, there)}`,
    ],
  })
}

function inferService<P extends RoutingReader>(
  world: World<P>,
  target: Target,
  traits: ServiceTraits,
): FoundService<P> {
  const services = servicesIn(world, target.namespace)
  const candidates = fitting(world, services, { ...traits, ...completenessOf(target) })
  // Where one Service alone could have been meant, what it lacks is the better answer than that none fits.
  const meant =
    candidates.length > 0 || traits.version === undefined
      ? candidates
      : fitting(world, services, { routed: traits.routed, ...completenessOf(target) })
  if (meant.length === 1) return meant[0]!
  const [lone] = services
  if (meant.length === 0 && services.length === 1 && traits.version !== undefined) {
    const { versions } = readFound(world, lone!, target)
    if (versions.length === 0) return lone!
  }
  if (candidates.length === 0) throw nothingFits(world, target, { traits, services })
  throw new CanaryError(
    'ambiguous',
    `${candidates.length} Services in namespace ${target.namespace} match: ${listed(candidates.map(({ service }) => service.name))}`,
    {
      hints: [
        'Choose one:',
        ...firstLines(candidates.map(({ service }) => `  ${commandFor(target, service.name)}`)),
      ],
    },
  )
}

type Asked = ServiceTraits & Completeness

/** Those that fit; where a route is asked for and some have one, only these. */
function fitting<P extends RoutingReader>(
  world: World<P>,
  services: readonly FoundService<P>[],
  asked: Asked,
): readonly FoundService<P>[] {
  const all = services.filter(found => fits(world, found, asked))
  const routed = all.filter(({ provider, service }) => provider.isRouted(world.view, service))
  return asked.routed && routed.length > 0 ? routed : all
}

function fits<P extends RoutingReader>(
  world: World<P>,
  found: FoundService<P>,
  { version, cohort, routed, complete }: Asked,
): boolean {
  const { canary, versions } = found.provider.read(world.view, found.service, { complete })
  if (cohort !== undefined) return canary.cohorts.some(({ name }) => name === cohort)
  const hasVersion = version === undefined || versionsNamed(versions, version).length > 0
  return hasVersion && (versions.length > 1 || (!routed && versions.length > 0))
}

function nothingFits<P extends RoutingReader>(
  world: World<P>,
  target: Target,
  { traits, services }: { readonly traits: ServiceTraits; readonly services: readonly FoundService<P>[] },
): CanaryError {
  const versions = services
    .map(found => ({
      name: found.service.name,
      names: readFound(world, found, target).versions.map(({ name }) => name),
    }))
    .filter(({ names }) => names.length > 0)
  const known = versions.map(({ name, names }) => `${name} has ${names.join(', ')}`)
  const what =
    traits.version === undefined
      ? 'has more than one version'
      : `has version ${traits.version} and a second version`
  const names = versions.flatMap(each => each.names)
  const close = traits.version === undefined ? '' : suggest(traits.version, names)
  const hint =
    services.length === 0
      ? `Namespace ${target.namespace} has no Services. Choose another one with -n.`
      : `A version is a subset of a DestinationRule, a version label on the pods behind a Service, or a Service of its own; ${target.live === true ? 'name the Service' : 'name the files that have these, too: -f is repeatable'}.`
  const owned = services.flatMap(({ provider, service }) => provider.owned(world.view, service))
  return new CanaryError('not-found', `no Service in namespace ${target.namespace} ${what}`, {
    hints: [
      ...(known.length === 0 ? [] : [`${listed(known, '; ')}.${close}`]),
      ...new Set(owned.map(ownedSentence)),
      hint,
    ],
  })
}
