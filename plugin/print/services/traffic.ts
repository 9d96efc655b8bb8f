import { oncePerHost } from '../findings.ts'
import { escaped } from '../../../shared/objects/text/escaped.ts'
import { formatEntryPoints } from '../status/entry-points.ts'
import { inAscii, wrap } from '../status/fit.ts'
import { formatVersions } from '../status/versions-table.ts'
import { formatName } from '../objects.ts'
import { indent, plainCell } from '../table.ts'
import { formatController, formatUnrouted } from '../rollouts/controller-state.ts'
import { formatFigures } from './figures.ts'
import { formatRun } from '../rollouts/service-run.ts'
import { formatRollout } from '../rollouts/deployment-rollout.ts'
import { formatVersionShare, sharesByVersion } from './shares.ts'
import { formatAge } from './span.ts'
import type {
  AppliedObject,
  LastChange,
  ServiceFinding,
  ServiceStatus,
  TrafficStyle,
} from './service-status.ts'

/**
 * Who gets what of each service, a screen for each; `wide` adds the objects, and the age and reason of the cohorts.
 * With `columns` lines are wrapped between words, and names that are too long are cut.
 */
export function formatTraffic(services: readonly ServiceStatus[], style: TrafficStyle): string {
  const text = services.map(service => formatService(service, style)).join('\n\n')
  return style.ascii === true ? inAscii(text) : text
}

function formatService(traffic: ServiceStatus, style: TrafficStyle): string {
  const { entryPoints, findings, appliedBy = [], uncovered = [] } = traffic
  const others = traffic.notes.filter(note => !uncovered.includes(note))
  const { yellow } = style.paint
  const none = formatUnrouted(traffic.service, traffic.controller)
  const inside = { ...style, ...(style.columns !== undefined && { columns: style.columns - 2 }) }
  return [
    wrap(formatTitle(traffic, style), style),
    ...progressLines(traffic, style),
    ...formatApplied(appliedBy, style),
    ...(traffic.versions.length > 0 ? ['', indent(formatVersions(traffic, style), '  ')] : []),
    ...liveFigures(traffic, style),
    '',
    indent(entryPoints.length === 0 ? wrap(none, inside) : formatEntryPoints(traffic, inside), '  '),
    ...(findings.length > 0
      ? ['', ...oncePerHost(findings).map(finding => formatServiceFinding(finding, style))]
      : []),
    ...(uncovered.length > 0
      ? ['', yellow('Not covered'), ...uncovered.map(note => indent(wrap(note, inside), '  '))]
      : []),
    ...(others.length > 0 ? ['', ...others.map(note => wrap(`${yellow('note:')} ${note}`, style))] : []),
  ].join('\n')
}

/** What is going on with the service: its last change, a run of ours, a controller, rollouts of Deployments. */
function progressLines(traffic: ServiceStatus, style: TrafficStyle): readonly string[] {
  const { changed, run, controller, rollouts = [] } = traffic
  return [
    ...(changed === undefined ? [] : [formatChanged(changed, style)]),
    ...(run === undefined ? [] : [wrap(formatRun(run, traffic, style.now), style)]),
    ...(controller === undefined ? [] : formatController(controller).map(line => wrap(line, style))),
    ...rollouts.map(rollout => wrap(formatRollout(rollout, traffic), style)),
  ]
}

function liveFigures(traffic: ServiceStatus, { paint, wide }: TrafficStyle): readonly string[] {
  const shares = sharesByVersion(traffic)
  const configured = (name: string): string => formatVersionShare(shares, name)
  return traffic.metrics === undefined
    ? []
    : ['', indent(formatFigures(traffic.metrics, { paint, wide, configured }), '  ')]
}

const formatTitle = (
  { service, namespace, stable }: ServiceStatus,
  { paint: { bold } }: TrafficStyle,
): string =>
  plainCell(
    `${bold(service)} in namespace ${namespace}${stable === undefined ? '' : `, stable is ${bold(stable)}`}`,
  )

/** `last change 3d ago by alice: weight v1=90,v2=10 (revision 4)`. */
function formatChanged(
  { at, by, title, revision, reason, finished }: LastChange,
  style: TrafficStyle,
): string {
  const who = by === undefined ? '' : ` by ${by}`
  const why = reason === undefined ? '' : `, “${reason}”`
  const state = finished
    ? ''
    : ', under way or interrupted: the next edit waits for it, or takes back what it wrote'
  const age = formatAge(at, style.now)
  return eachLine(
    wrap(escaped(`last change ${age} ago${who}: ${title} (revision ${revision})${why}${state}`), style),
    style.paint.dim,
  )
}

const eachLine = (text: string, paint: (line: string) => string): string =>
  text.split('\n').map(paint).join('\n')

/** `applied by Argo CD (the Application shop): virtualservice… -n shop`, a line for each source. */
function formatApplied(applied: readonly AppliedObject[], style: TrafficStyle): readonly string[] {
  const sources = Map.groupBy(applied, ({ tool, owner }) => `${tool} (${owner})`)
  return [...sources].map(([source, objects]) => {
    const names = objects.map(({ object }) => `${formatName(object)} -n ${object.namespace}`).join(', ')
    return wrap(`${style.paint.yellow('applied by')} ${escaped(`${source}: ${names}`)}`, style)
  })
}

function formatServiceFinding(finding: ServiceFinding, style: TrafficStyle): string {
  const { rule, severity, kind, namespace, name, path, message } = finding
  const place = `${kind} ${namespace}/${name}${path === '' ? '' : ` ${path}`}`
  const colour = { error: style.paint.red, warning: style.paint.yellow, info: style.paint.dim }[severity]
  return wrap(`${colour(`${severity}:`)} ${escaped(place)}: ${message} (${rule})`, style)
}
