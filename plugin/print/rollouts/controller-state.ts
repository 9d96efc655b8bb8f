import { keyOf } from '../../../shared/objects/kube-object.ts'
import { escaped } from '../../../shared/objects/text/escaped.ts'
import type { ControllerState, RolloutRevision, UnreadRouter } from '../../../shared/routing/controller.ts'

/** How far the rollout of a controller is, a line for each thing that it says. */
export function formatController(state: ControllerState): readonly string[] {
  const { revisions, gates, routes, steps, step, promotion, services, makes = [], unreadRouters = [] } = state
  const lines = [
    headline(state),
    ...(steps === undefined ? [] : [`  steps: ${formatSteps(steps, step)}`]),
    ...(promotion === undefined ? [] : [`  promotion: ${promotion}`]),
    ...services
      .filter(({ role }) => colours.has(role))
      .map(({ name, role, to }) => `  ${role} Service ${name}: ${to}`),
    ...revisions.filter(isShown).map(formatRevision),
    ...gates.map(({ name, type, url }) => `  webhook ${name} (${type}): ${url}`),
    ...(makes.length === 0
      ? []
      : [`  makes ${makes.length === 1 ? 'Service' : 'Services'} ${makes.join(', ')}`]),
    ...(routes.length === 0 ? [] : [`  writes ${routes.map(keyOf).join(', ')}`]),
    ...unreadRouters.map(
      router => `  divides requests by ${formatRouter(router)}, not read by kubectl canary`,
    ),
  ]
  return lines.map(escaped)
}

/** The Services that a blue-green rollout switches; those of others are seen in its routes. */
const colours: ReadonlySet<string> = new Set(['active', 'preview'])

/** `Argo Rollouts: Rollout shop/checkout is Paused at 20 %, step 2 of 4: CanaryPauseStep`. */
function headline({
  controller,
  object,
  phase,
  message,
  weight,
  step,
  steps,
  ...rest
}: ControllerState): string {
  const { held, failures, iterations } = rest
  const parts = [
    `${keyOf(object)} ${phase === 'unknown' ? 'owns this service' : `is ${phase}`}${weight === undefined ? '' : ` at ${weight} %`}`,
    ...(steps === undefined || step === undefined || phase === 'unknown' ? [] : [stepOf(step, steps.length)]),
    ...(iterations === undefined ? [] : [`check ${iterations.done} of ${iterations.of}`]),
    ...(failures === undefined ? [] : [`${failures.count} of ${failures.threshold} failed checks`]),
    ...(held ? [heldWords[object.kind] ?? 'paused by hand'] : []),
  ]
  return `${controller}: ${parts.join(', ')}${message === undefined ? '' : `: ${message}`}`
}

const heldWords: Readonly<Record<string, string>> = { Canary: 'suspended' }

const stepOf = (step: number, count: number): string =>
  step > count ? `all ${count} steps done` : `step ${step} of ${count}`

/** `setWeight 20, [pause], setWeight 60`: the present one in brackets. */
const formatSteps = (steps: readonly string[], step: number | undefined): string =>
  steps.map((text, i) => (i + 1 === step ? `[${text}]` : text)).join(', ')

/** Where the requests of a Service go that no route leads to: to the pods at which its controller points it, else to all. */
export function formatUnrouted(service: string, state: ControllerState | undefined): string {
  const to = state?.services.find(({ name }) => name === service)?.to
  const [router] = state?.unreadRouters ?? []
  if (router !== undefined)
    return escaped(
      `No route that kubectl canary reads leads to this service: requests that do not come by ${router.objects[0] ?? router.field} go to ${to ?? 'all its pods'}.`,
    )
  if (to !== undefined) return escaped(`No route leads to this service: its requests go to ${to}.`)
  const both = (state?.revisions ?? []).filter(({ role, ready }) => role !== 'old' && ready > 0)
  const parts = both.map(({ ready, revision }) => `${ready} of revision ${revision ?? '?'}`)
  return `No route leads to this service: its requests go to all its pods${parts.length > 1 ? `, ${parts.join(' and ')}` : ''}.`
}

/** `Ingress shop/cart (trafficRouting.alb)`. */
const formatRouter = ({ field, objects }: UnreadRouter): string =>
  objects.length === 0 ? field : `${objects.join(', ')} (${field})`

/** What runs, and what an undo goes back to first. */
const isShown = ({ role, wanted, ready }: RolloutRevision): boolean => role !== 'old' || wanted + ready > 0

const formatRevision = ({ name, revision, role, ready, wanted, images }: RolloutRevision): string =>
  `  revision ${revision ?? '?'}, ${role}: ReplicaSet ${name}, ${ready} of ${wanted} pods ready${images.length === 0 ? '' : ` (${images.join(', ')})`}`
