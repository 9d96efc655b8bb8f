import { keyOf } from '../../../shared/objects/kube-object.ts'
import { formatLabels } from '../../../shared/objects/labels.ts'
import { formatUnknown, roundPercent } from '../../../shared/routing/shares.ts'
import { formatUrl, portOf } from '../../../shared/trial/asked-request.ts'
import { nameOfShare } from '../../../shared/trial/expectation.ts'
import type { SimulatedShare } from '../../../shared/trial/simulate.ts'
import type { Failure } from '../../../shared/routing/request/decision.ts'
import { isUndecided, type Trial, type TrialShare } from '../../../shared/trial/trial.ts'
import type { Paint } from '../colour.ts'
import { formatUnknownWeight } from '../services/shares.ts'
import { formatTable, indent, plainCell } from '../table.ts'
import { formatRejection } from '../unreached.ts'
import { effectsOf } from './effects.ts'
import { consideredLines, formatRoute } from './considered.ts'

/** `GET http://catalog/items from deployment/webapp in shop`. */
export function formatRequest({ asked, caller }: Trial): string {
  const { proxy, gateway, workload } = caller
  const labels = formatLabels(proxy.labels)
  const from =
    gateway !== undefined
      ? `by Gateway ${gateway}`
      : workload !== undefined
        ? `from ${workload.kind.toLowerCase()}/${workload.name} in ${proxy.namespace}`
        : `from ${labels === '' ? 'a workload' : `a workload with ${labels}`} in ${proxy.namespace}`
  return `${asked.method} ${formatUrl(asked)} ${from}`
}

/** What happens to a request, and why, for a terminal of 80 columns. */
export function formatTrial(trial: Trial, paint: Paint): string {
  const { decision } = trial
  const isBypassed = trial.bypass !== undefined || decision.considered.length === 0
  const lines = isBypassed ? [] : consideredLines(trial, paint)
  return [
    paint.bold(plainCell(formatRequest(trial))),
    '',
    ...(trial.rejected === undefined
      ? []
      : [paint.yellow(plainCell(`not in effect: ${formatRejection(trial.rejected)}. As written:`))]),
    ...formatShares(trial, paint),
    ...[...reasonsOf(trial), ...effectsOf(trial)].map(line => `  ${plainCell(line)}`),
    ...(lines.length === 0 ? [] : ['', 'Routes in the order in which they are tried:']),
    ...lines.map(line => `  ${plainCell(line)}`),
  ].join('\n')
}

function formatShares(trial: Trial, paint: Paint): readonly string[] {
  const { shares, mirrors, decision } = trial
  if (decision.unknownWeight !== undefined)
    return [paint.cyan(plainCell(`→ ${formatUnknownWeight(decision.unknownWeight)}`))]
  if (shares.length === 0 && isUndecided(trial)) return [paint.cyan('→ cannot tell')]
  if (shares.length === 0)
    return [leavesMesh(trial) ? '→ leaves the mesh unchanged' : paint.red('→ no answer')]
  const rows = [
    ...shares.map(share => rowOf('→', share, paint)),
    ...mirrors.map(mirror => rowOf('copy →', mirror, paint)),
  ]
  const [first = [], ...rest] = rows
  return [formatTable(first.map(plainCell), rest).replaceAll(/→ {3}/g, '→ ')]
}

/** Whether nobody in the mesh is asked; a Service without the port answers nobody. */
export const leavesMesh = ({ decision, ports = [] }: Trial): boolean =>
  decision.isPassedThrough && ports.length === 0

const rowOf = (arrow: string, share: TrialShare, { bold, red }: Paint): readonly string[] => [
  arrow,
  share.status === undefined && share.closes === undefined
    ? bold(nameOfShare(share))
    : red(nameOfShare(share)),
  `${roundPercent(share.percent)} %`,
  formatDestination(share),
]

/** `catalog.shop, subset v2, port 80` */
function formatDestination({
  service,
  namespace,
  subset,
  port,
  failure,
  ready,
  unknown,
}: TrialShare): string {
  if (service === undefined) return ''
  const why = failure === undefined ? (ready === 0 ? ['no ready pods'] : []) : [whyOf(failure)]
  return [
    // The host of a ServiceEntry is whole.
    namespace === '' || service.includes('.') ? service : `${service}.${namespace}`,
    ...(subset === undefined ? [] : [`subset ${subset}`]),
    ...(port === undefined ? [] : [`port ${port}`]),
    ...why,
    ...(unknown === undefined ? [] : [formatUnknown(unknown)]),
  ].join(', ')
}

function whyOf(failure: Failure): string {
  if (failure.flag === 'UH') return 'no pods'
  return failure.missing === 'permission' ? 'no ReferenceGrant' : `no such ${failure.missing}`
}

/** Which route decides, or why none does: sentences. */
export function reasonsOf(trial: Trial): readonly string[] {
  const { bypass } = trial
  if (bypass !== undefined) return [bypassReasons[bypass]]
  return [...decidedBy(trial), ...waypointReasons(trial)]
}

/**
 * Istio compares sourceLabels and sourceNamespace with the labels and the namespace of the proxy for which it makes
 * the routes (sourceMatchHTTP): at a waypoint those of the waypoint.
 */
const waypointReasons = ({ isAtWaypoint }: Trial): readonly string[] =>
  isAtWaypoint === true
    ? ['The waypoint of the Service decides: conditions on callers are about the waypoint there.']
    : []

function decidedBy(trial: Trial): readonly string[] {
  const { decision, cohort, ports = [], asked, caller, isServiceUnknown } = trial
  const { route, kind, reason, isPassedThrough } = decision
  if (trial.unseen !== undefined) return trial.unseen.map(unseenReason)
  const owner = caller.gateway === undefined ? asked.host : `Gateway ${caller.gateway}`
  const others = ports.length === 0 ? [] : [`${owner} has port ${ports.join(', ')}.`]
  if (isPassedThrough)
    return others.length > 0
      ? [`${asked.host} has no port ${portOf(asked)}.`, ...others]
      : [
          `Nothing ${isServiceUnknown === true ? 'in the files' : 'in the mesh'} provides ${asked.host} on port ${portOf(asked)}.`,
        ]
  if (kind === 'none') return [noneReason(trial, reason ?? 'no-route'), ...others]
  if (route !== undefined)
    return [
      ...opaqueReasons(trial),
      `by ${formatRoute(route)}${cohort === undefined ? '' : `, for cohort ${cohort}`}`,
    ]
  return [...opaqueReasons(trial), unroutedReason(decision)]
}

function unroutedReason({ kind, isOpaque }: Trial['decision']): string {
  if (kind === 'redirect') return 'The gateway redirects plain requests to https.'
  return isOpaque
    ? 'No route applies to these connections: they reach any pod of the Service.'
    : 'No route applies to this host: requests reach any pod of the Service.'
}

const unseenReason = ({ route, gateway, kind }: NonNullable<Trial['unseen']>[number]): string =>
  kind === 'Gateways'
    ? `${keyOf(route)} may take the request at the default Gateways, which are not known.`
    : `${keyOf(route)} may take the request at ${kind ?? 'Gateway'} ${gateway}, which is not ${kind === undefined ? 'in view' : 'read'}.`

const opaqueReasons = ({ decision, asked }: Trial): readonly string[] =>
  decision.isOpaque
    ? [
        asked.scheme === 'https'
          ? 'The request is encrypted before it reaches the proxy: routes see its server name only.'
          : 'The mesh does not treat the port as HTTP: routes see connections only.',
      ]
    : []

const bypassReasons = {
  'no-sidecar': 'The caller has no sidecar: its requests follow no routes and reach any pod of the Service.',
  'no-waypoint':
    'The Service has no waypoint: requests of ambient callers follow no HTTP routes and reach any pod.',
} as const

/** NR is what Envoy writes into its log for such a request; APISIX is no Envoy. */
function noneReason({ caller }: Trial, reason: NonNullable<Trial['decision']['reason']>): string {
  if (reason === 'no-listener') return 'No listener takes such requests there.'
  const answer = caller.gateway?.startsWith('ingress-class/') === true ? '404' : '404 (NR)'
  return reason === 'no-host'
    ? `Nothing answers for this host: ${answer}.`
    : `No route takes the request: ${answer}.`
}

/** `1000 requests, simulated with seed 1:` and a row for each share. */
export const formatSimulation = (
  simulated: readonly SimulatedShare[],
  { count, seed }: { readonly count: number; readonly seed: number },
): string =>
  [
    `${count} requests, simulated with seed ${seed}:`,
    indent(
      formatTable(
        ['TO', 'REQUESTS', 'SHARE', 'CONFIGURED'],
        simulated.map(({ name, count: own, percent }) => [
          name,
          String(own),
          `${roundPercent((own * 100) / count)} %`,
          `${roundPercent(percent)} %`,
        ]),
      ),
      '  ',
    ),
  ].join('\n')
