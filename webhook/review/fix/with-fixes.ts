import { refOf } from '../../../shared/objects/kinds.ts'
import { keyOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import { serviceHost } from '../../../shared/objects/hosts.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { deleteCommand, patchCommand } from '../../../shared/objects/text/kubectl-commands.ts'
import { formatValue, pointerTo, valueAt } from '../../../shared/objects/paths.ts'
import { formatPath, type Finding, type Path, type Setting } from '../../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { fieldsOf, textOf } from '../../../shared/objects/unchecked.ts'
import { isCommand } from '../../../shared/rules/fixes/fix-text.ts'
import { escapedLines } from '../../../shared/objects/text/escaped.ts'
import { replacing, retry } from './deletion-texts.ts'
import { dependentRouteOf, fixOfDependentRoute } from './dependent-route.ts'
import { fieldsToKeep, losesPort, redeclaredPorts, remainingPorts } from './fields-to-keep.ts'
import {
  dependentOf,
  destinationsOf,
  hasOtherDestinations,
  type Dependent,
  type Reviewed,
} from './dependent.ts'
import type { PatchStep } from './removal-patch.ts'

/**
 * The findings, each with the fix for the person who makes the change. A rule's fix is for objects in the
 * cluster; here the object is not written yet, so the fix belongs into it, or the change removes something, so
 * the objects that depend on it must change first.
 */
export function withFixes(findings: readonly Finding[], reviewed: Reviewed): readonly Finding[] {
  const { before } = reviewed.change
  const isDependency = before !== undefined && dependencyKinds.has(before.kind)
  const groups = isDependency ? [...Map.groupBy(findings, ({ ref }) => keyOf(ref))] : []
  const dependents = new Map(
    groups.slice(0, mostDependents).map(([key, found]) => [key, dependentOf(found, reviewed)]),
  )
  const routes = new Map(
    groups.slice(0, mostDependents).map(([key, found]) => [key, dependentRouteOf(found, reviewed)]),
  )
  const fixOf = (finding: Finding): readonly string[] => {
    const key = keyOf(finding.ref)
    const route = key === keyOf(changedRef(reviewed.change)) ? undefined : routes.get(key)
    const isSet = finding.sets !== undefined && isSetInChange(reviewed.change, finding)
    return (
      (isSet || route === undefined ? undefined : fixOfDependentRoute(finding, reviewed.change, route))
      ?? fixFor(finding, reviewed, dependents.get(key))
    )
  }
  return findings.map(finding => ({ ...finding, fix: escapedLines(fixOf(finding)) }))
}

/** A message has no space for the fixes of more objects, which therefore get the fix of their rule. */
const mostDependents = 20

/** The kinds that routes depend on. */
const dependencyKinds: ReadonlySet<string> = new Set([
  'DestinationRule',
  'Service',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReferenceGrant',
])

function fixFor(
  finding: Finding,
  { change, view }: Reviewed,
  dependent: Dependent | undefined,
): readonly string[] {
  const { before, after } = change
  const { sets, fix } = finding
  const lines = fix.split('\n')
  if (sets !== undefined && isSetInChange(change, finding)) return editInChange(finding, change)
  // Files are applied in the order of their names: most often the DestinationRule only comes too late.
  if (finding.absent === 'subset' && after?.kind === 'VirtualService' && isCommand(fix)) {
    return ['First apply the DestinationRule that defines the subset, or define it with:', ...lines]
  }
  if (before === undefined || dependent === undefined) return lines
  if (isPortElsewhere(finding, before, view)) return namingPort(finding, dependent)
  return after === undefined
    ? [...fixOfDeletion(before, dependent), replacing(refOf(before))]
    : (fixOfUpdate(finding, { before, after }, dependent) ?? lines)
}

const editInChange = (finding: Finding, change: Change): readonly string[] =>
  editText(lostLabel(finding, change) ?? finding.sets!)

/** The label that routes ask for and that an update takes away from its own object, as it was. */
function lostLabel({ sets, rule, askedBy = [] }: Finding, { before }: Change): Setting | undefined {
  if (rule !== 'missing-version-label' || before === undefined) return undefined
  const had = fieldsOf(valueAt(before, pathOfLabels))
  const key = askedBy.flatMap(({ labelKeys = [] }) => labelKeys).find(each => had[each] !== undefined)
  return key === undefined ? undefined : { ...sets!, path: [...pathOfLabels, key], value: had[key] }
}

const pathOfLabels: Path = ['spec', 'template', 'metadata', 'labels']

/**
 * Whether the fix is a field of the changed object: the finding is on the object itself, or the object is new.
 * Where an update removes what others depend on, the fix is to keep it; but the one port of a Service that is
 * declared otherwise is fixed in place.
 */
function isSetInChange(change: Change, { ref, sets }: Finding): boolean {
  const { before, after } = change
  if (after === undefined || keyOf(sets!.ref) !== keyOf(changedRef(change))) return false
  if (before === undefined || keyOf(ref) === keyOf(sets!.ref)) return true
  const [changed, ...others] = before.kind === 'Service' ? redeclaredPorts(before, after) : []
  return others.length === 0 && changed !== undefined && changed === valueAt(after, portOf(sets!.path))
}

const portOf = (path: Path): Path => [...path.slice(0, 3), 'port']

function editText({ ref, path, value, isItem }: Setting): readonly string[] {
  if (value === undefined) return [`Remove ${formatPath(path)} from ${keyOf(ref)}`]
  const said = `${formatPath(path)}: ${formatValue(value)}`
  return isItem ? [`Add in ${keyOf(ref)}:`, `an item of ${said}`] : [`Set ${said} in ${keyOf(ref)}`]
}

function fixOfDeletion(before: KubeObject, dependent: Dependent): readonly string[] {
  const { ref, object, removal } = dependent
  const dependency = keyOf(refOf(before))
  if (removal !== undefined && hasOtherDestinations(dependent))
    return [`First remove from ${keyOf(ref)} what needs ${dependency}, ${retry}:`, removal]
  const delegate = delegateOf(object, dependent.findings)
  if (delegate !== undefined)
    return [`First remove from VirtualService ${delegate} what needs ${dependency}, ${retry}.`]
  const deletion = [`Delete ${keyOf(ref)} first, ${retry}:`, deleteCommand(ref)]
  return removal === undefined
    ? deletion
    : [...deletion, `To keep it, first remove from it what needs ${dependency}:`, removal]
}

function fixOfUpdate(
  finding: Finding,
  { before, after }: Required<Pick<Change, 'before' | 'after'>>,
  dependent: Dependent,
): readonly string[] | undefined {
  const lines = fieldsToKeep(before!, after!)
  if (lines.length === 0) return undefined
  return [
    `Keep in ${keyOf(refOf(before!))}, as it was:`,
    ...lines,
    ...alternativeTo(finding, portsInstead(before!, after!), dependent),
  ]
}

const portRules: ReadonlySet<string> = new Set(['unknown-port', 'ambiguous-port'])

/** Whether it is another Service that lacks the port: the changed one only has a new port for requests to come in by. */
function isPortElsewhere({ rule, about }: Finding, before: KubeObject, view: ClusterView): boolean {
  if (before.kind !== 'Service' || !portRules.has(rule)) return false
  const { name, namespace = '' } = before.metadata
  return !about.startsWith(`${serviceHost(name, namespace, view.mesh.clusterDomain)} `)
}

/** The ports to name instead of those that an update removes; undefined where it removes none. */
const portsInstead = (before: KubeObject, after: KubeObject): readonly number[] | undefined =>
  losesPort(before, after) ? remainingPorts(before, after) : undefined

/** What must be done first in order not to keep the fields. */
function alternativeTo(
  { rule }: Finding,
  ports: readonly number[] | undefined,
  dependent: Dependent,
): readonly string[] {
  const { ref, object, findings, removal } = dependent
  const delegate = delegateOf(object, findings)
  if (delegate !== undefined) return [`Or first remove what needs it from VirtualService ${delegate}.`]
  if (portRules.has(rule) && ports !== undefined) {
    const [port] = ports
    if (port === undefined) return [`It can be removed once ${keyOf(ref)} uses another port.`]
    const places = destinationsOf(findings.filter(other => portRules.has(other.rule)))
    const steps = places.flatMap(place => portSteps(object, place, port))
    return [`Or first change ${keyOf(ref)} to port ${port}:`, patchCommand(ref, 'json', steps)]
  }
  return removal === undefined
    ? [`Or first delete ${keyOf(ref)}:`, deleteCommand(ref)]
    : [`Or first remove what needs it from ${keyOf(ref)}:`, removal]
}

/** The steps that name the port of a destination. */
const portSteps = (object: VirtualService, place: Path, port: number): readonly PatchStep[] => [
  {
    op: 'test',
    path: pointerTo([...place, 'host']),
    value: textOf(fieldsOf(valueAt(object, place))['host']),
  },
  { op: 'add', path: pointerTo([...place, 'port']), value: { number: port } },
]

/** The destination names its port, where that is certain. */
function namingPort({ path, fix }: Finding, { ref, object }: Dependent): readonly string[] {
  const [, port] = /: (\d+)$/.exec(fix) ?? []
  const [place] = destinationsOf([{ path }])
  return port === undefined || place?.at(-1) === 'delegate'
    ? [fix]
    : [
        `First name the port in ${keyOf(ref)}:`,
        patchCommand(ref, 'json', portSteps(object, place!, Number(port))),
      ]
}

/** The delegate that a finding is about, whose routes are in another object. */
function delegateOf({ metadata, ...rest }: VirtualService, findings: readonly Finding[]): string | undefined {
  const path = findings.map(finding => finding.path).find(each => each.at(-1) === 'delegate')
  if (path === undefined) return undefined
  const { name, namespace } = fieldsOf(valueAt(rest, path))
  return `${textOf(namespace) ?? metadata.namespace}/${textOf(name)}`
}
