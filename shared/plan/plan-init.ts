import { CanaryError } from '../objects/canary-error.ts'
import { keyOf, type Ref } from '../objects/kube-object.ts'
import { serviceWord, shellWord } from '../objects/text/kubectl-commands.ts'
import { providers as allProviders } from '../providers/providers.ts'
import type { Note } from '../routing/note.ts'
import type { Provider, ServiceReading } from '../routing/provider.ts'
import { idOf, readyOf, type ServiceVersion } from '../routing/service.ts'
import { countedShares } from '../routing/traffic.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { overlay } from '../view/overlay.ts'
import { inSession } from '../view/session.ts'
import { findService, readFound, type FoundService, type World } from './find/find-service.ts'
import { foreignRoutes } from './find/foreign-routes.ts'
import { findVersion } from './find/find-version.ts'
import { finish } from './finish/finish.ts'
import type { Receivers } from './finish/ready.ts'
import type { InitIntent, PreviewIntent } from './intent.ts'
import { planCohort } from './plan-cohort.ts'
import type { Plan } from './plan.ts'
import { inSequence } from './together/plan-together.ts'
import { refuseOwnedService } from './controllers/refuse-owned-service.ts'

/**
 * Subsets from the workloads' version labels, and a route that gives everything to stable; what is there already
 * stays. Where a version is to be shown before it is promoted, it gets a host or a cohort.
 */
export function planInit(given: ClusterView, intent: InitIntent, providers = allProviders): Plan {
  const { target, preview } = intent
  if (preview !== undefined && preview.version === intent.stable)
    throw new CanaryError('usage', `${preview.version} cannot be both stable and the preview`, {
      hints: ['--stable is the version that people have now, --preview the one that comes next.'],
    })
  const world = { view: inSession(given), providers }
  const found = findService(world, target, { version: intent.stable, routed: false })
  refuseOwnedService(world.view, found, 'init')
  const plan = started(world, found, intent)
  if (preview === undefined || preview.hosts.length > 0 || found.provider.previewsAlone === true) return plan
  return withPreviewCohort({ world, found, plan }, { ...intent, preview })
}

/** The service with its first routes, and with the host of a preview. */
function started(world: World, found: FoundService, intent: InitIntent): Plan {
  const { target, force = false, gateways, hosts, mesh, preview } = intent
  const { provider, service } = found
  provider.requireProvided(world.view, service)
  const reading = readFound(world, found, target)
  const stable = findVersion(reading, intent.stable, { isStable: true, target })
  const shown = preview && findVersion(reading, preview.version, { target })
  const byHost = isApart(provider, preview) ? shown : undefined
  const edit = provider.start(
    reading,
    {
      stable: stable.name,
      gateways,
      hosts,
      ...(mesh !== undefined && { mesh }),
      force,
      ...(byHost && { preview: { ...preview!, version: byHost.name } }),
    },
    `kubectl canary ${target.command} --force`,
  )
  const versions = receiving(reading, [stable, ...(byHost ? [byHost] : [])])
  const plan = finish(provider, reading, {
    ...edit,
    title: [`init ${service.name}, stable ${stable.name}`, shown && `preview ${shown.name}`]
      .filter(Boolean)
      .join(', '),
    ...receiversOf({ target, force, versions }),
  })
  const beside = foreignRoutes(reading.view, found)
  if (!force && beside.length > 0 && addsRoutes(plan)) throw besideForeign(intent, service.name, beside)
  return { ...plan, notes: [...plan.notes, ...keptRoutes(reading, stable, plan)] }
}

/** What is said where the routes that are there give the version that was called stable nothing. */
function keptRoutes(
  { service, versions, traffic }: ServiceReading,
  stable: ServiceVersion,
  { changes }: Plan,
): readonly Note[] {
  if (changes.length > 0) return []
  const shares = traffic.entryPoints.flatMap(countedShares).flat()
  const takers = [...new Set(shares.filter(({ percent }) => percent > 0).map(({ version }) => version))]
  const isKnown = takers.every(name => versions.some(version => version.name === name))
  if (takers.length === 0 || !isKnown || takers.includes(stable.name)) return []
  const words = `${serviceWord(service.name)} ${shellWord(stable.name)} -n ${service.namespace}`
  return [
    {
      kind: 'stable-gets-nothing',
      service: service.name,
      version: stable.name,
      takers,
      fix: `kubectl canary promote ${words}`,
    },
  ]
}

/**
 * Whether a version is shown apart from the ordinary requests: at hosts, or by an address of its own. Throws a
 * CanaryError `refused` where conditions are said and requests cannot be distinguished.
 */
function isApart({ previewsAlone, can }: Provider, preview: PreviewIntent | undefined): boolean {
  if (preview === undefined) return false
  if (preview.conditions.length > 0 && can.cohorts !== true)
    throw new CanaryError('refused', `requests cannot be told apart: ${can.cohorts}`, {
      hints: ['Leave out the conditions: a preview has an address of its own.'],
    })
  return previewsAlone === true || preview.hosts.length > 0
}

/** Who must be ready, where somebody must. */
const receiversOf = (receivers: Receivers): { readonly receivers?: Receivers } =>
  receivers.versions.length > 0 ? { receivers } : {}

/** The versions that get requests; where no version has a ready pod, nobody loses one by stable. */
const receiving = (
  { versions }: ServiceReading,
  [stable, ...others]: readonly ServiceVersion[],
): readonly ServiceVersion[] => [
  ...(stable !== undefined && versions.some(version => readyOf(version) > 0) ? [stable] : []),
  ...others,
]

interface Started {
  readonly world: World
  readonly found: FoundService
  readonly plan: Plan
}

/** The name of the cohort to which a version is shown before it is promoted. */
const previewCohort = 'preview'

/** The same with a cohort that leads to the previewed version. */
function withPreviewCohort(
  { world: { view, providers }, found: { provider, service }, plan }: Started,
  { target, stable, force = false, preview }: InitIntent & { readonly preview: PreviewIntent },
): Plan {
  const { version, conditions, since } = preview
  const { name, namespace } = service
  // Where routes have to be chosen, there are routes already: a cohort's command chooses them, init does not.
  const command = provider.isRouted(view, service)
    ? `cohort ${previewCohort} ${serviceWord(name)} --to ${shellWord(version)} -n ${namespace}`
    : target.command
  const cohort = planCohort(
    plan.changes.length === 0 ? view : overlay(view, plan.changes),
    {
      target: { ...target, service: idOf(service), command, serviceAt: undefined },
      name: previewCohort,
      to: version,
      conditions,
      since,
      stable,
      force,
    },
    providers,
  )
  return { ...inSequence(provider, [plan, cohort]), title: plan.title }
}

const addsRoutes = ({ traffic }: Plan): boolean =>
  traffic !== undefined && traffic.after.entryPoints.length > traffic.before.entryPoints.length

/** A first route beside those of another routing API would compete with them for the same requests. */
const besideForeign = (
  { target: { command } }: InitIntent,
  service: string,
  routes: readonly Ref[],
): CanaryError =>
  new CanaryError(
    'refused',
    `${routes.map(keyOf).join(', ')} ${routes.length === 1 ? 'routes' : 'route'} ${service} already`,
    {
      hints: [
        'The new route and that one may take the same requests.',
        `To create it anyway: kubectl canary ${command} --force`,
      ],
    },
  )
