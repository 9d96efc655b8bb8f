import { isKind, refOf } from '../../../shared/objects/kinds.ts'
import { keyOf, type KubeObject, type Ref } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { deleteCommand, patchCommand } from '../../../shared/objects/text/kubectl-commands.ts'
import { valueAt } from '../../../shared/objects/paths.ts'
import { formatPath, type Finding, type Path, type Setting } from '../../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { routingOf } from '../../../shared/providers/istio/resolve/objects/routes.ts'
import { fieldsOf, textOf } from '../../../shared/objects/unchecked.ts'
import { formatValue, isCommand } from '../../../shared/rules/fixes/fix-text.ts'
import { escapedLines } from '../../../shared/objects/text/escaped.ts'
import { fieldsToKeep, remainingPorts } from './fields-to-keep.ts'
import { pointer, removalPatch } from './removal-patch.ts'

/**
 * The findings, each with the fix for the person who makes the change. A rule's fix is for objects in the
 * cluster; here the object is not written yet, so the fix belongs into it, or the change removes something, so
 * the objects that depend on it must change first.
 */
export function withFixes(
  findings: readonly Finding[],
  change: Change,
  view: ClusterView,
): readonly Finding[] {
  const isDependency = change.before !== undefined && dependencyKinds.has(change.before.kind)
  const dependents = new Map(
    (isDependency ? [...Map.groupBy(findings, ({ ref }) => keyOf(ref))] : []).map(([key, found]) => [
      key,
      dependentOf(found, view),
    ]),
  )
  return findings.map(finding => ({
    ...finding,
    fix: escapedLines(fixFor(finding, change, dependents.get(keyOf(finding.ref)))),
  }))
}

/** The kinds that routes depend on. */
const dependencyKinds: ReadonlySet<string> = new Set([
  'DestinationRule',
  'Service',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
])

function fixFor(finding: Finding, change: Change, dependent: Dependent | undefined): readonly string[] {
  const { before, after } = change
  const { sets, fix } = finding
  const lines = fix.split('\n')
  if (sets !== undefined && isSetInChange(change, finding)) return editText(sets)
  // Files are applied in the order of their names: most often the DestinationRule only comes too late.
  if (finding.absent === 'subset' && after?.kind === 'VirtualService' && isCommand(fix)) {
    return ['First apply the DestinationRule that defines the subset, or define it with:', ...lines]
  }
  if (before === undefined || dependent === undefined) return lines
  return after === undefined
    ? fixOfDeletion(before, dependent)
    : (fixOfUpdate(finding, { before, after }, dependent) ?? lines)
}

/**
 * Whether the fix is a field of the changed object: the finding is on the object itself, or the object is new.
 * Where an update removes what others depend on, the fix is to keep it; but a remaining port of a Service is
 * fixed in place.
 */
function isSetInChange(change: Change, { ref, sets }: Finding): boolean {
  const { before, after } = change
  if (after === undefined || keyOf(sets!.ref) !== keyOf(changedRef(change))) return false
  if (before === undefined || keyOf(ref) === keyOf(sets!.ref)) return true
  return (
    before.kind === 'Service'
    && remainingPorts(before, after).includes(valueAt(after, [...sets!.path.slice(0, 3), 'port']) as number)
  )
}

function editText({ ref, path, value, isItem }: Setting): readonly string[] {
  if (value === undefined) return [`Remove ${formatPath(path)} from ${keyOf(ref)}`]
  const said = `${formatPath(path)}: ${formatValue(value)}`
  return isItem ? [`Add in ${keyOf(ref)}:`, `an item of ${said}`] : [`Set ${said} in ${keyOf(ref)}`]
}

/** The VirtualService that would break, with all findings on it. */
interface Dependent {
  readonly ref: Ref
  readonly object: VirtualService
  readonly findings: readonly Finding[]
  /** The command that removes from it all that would fail; undefined if that is not one command. */
  readonly removal: string | undefined
}

function dependentOf(findings: readonly Finding[], view: ClusterView): Dependent | undefined {
  const { ref } = findings[0]!
  const object = view.get(ref)
  return object !== undefined && isKind('VirtualService', object)
    ? { ref, object, findings, removal: removalCommand({ ref, object, findings }) }
    : undefined
}

function fixOfDeletion(before: KubeObject, dependent: Dependent): readonly string[] {
  const { ref, object, removal } = dependent
  const retry = 'or run the same command again if it deletes both'
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
  { before, after }: Required<Change>,
  dependent: Dependent,
): readonly string[] | undefined {
  const lines = fieldsToKeep(before!, after!)
  if (lines.length === 0) return undefined
  return [
    `Keep in ${keyOf(refOf(before!))}, as it was:`,
    ...lines,
    ...alternativeTo(finding, remainingPorts(before!, after!), dependent),
  ]
}

const portRules: ReadonlySet<string> = new Set(['unknown-port', 'ambiguous-port'])

/** What must be done first in order not to keep the fields. */
function alternativeTo({ rule }: Finding, ports: readonly number[], dependent: Dependent): readonly string[] {
  const { ref, object, findings, removal } = dependent
  const delegate = delegateOf(object, findings)
  if (delegate !== undefined) return [`Or first remove what needs it from VirtualService ${delegate}.`]
  if (portRules.has(rule)) {
    const [port] = ports
    if (port === undefined) return [`It can be removed once ${keyOf(ref)} uses another port.`]
    const destinations = destinationsOf(findings.filter(other => portRules.has(other.rule)))
    const steps = destinations.flatMap(place => [
      {
        op: 'test',
        path: pointer([...place, 'host']),
        value: textOf(fieldsOf(valueAt(object, place))['host']),
      },
      { op: 'add', path: pointer([...place, 'port']), value: { number: port } },
    ])
    return [`Or first change ${keyOf(ref)} to port ${port}:`, patchCommand(ref, 'json', steps)]
  }
  return removal === undefined
    ? [`Or first delete ${keyOf(ref)}:`, deleteCommand(ref)]
    : [`Or first remove what needs it from ${keyOf(ref)}:`, removal]
}

/** A longer command would be cut with the message. */
const mostCommandLength = 900

function removalCommand({ ref, object, findings }: Omit<Dependent, 'removal'>): string | undefined {
  const steps = removalPatch(object, destinationsOf(findings))
  const command = steps === undefined ? undefined : patchCommand(ref, 'json', steps)
  return command === undefined || command.length > mostCommandLength ? undefined : command
}

const hasOtherDestinations = ({ object, findings }: Dependent): boolean => {
  const failing = new Set(destinationsOf(findings).map(formatPath))
  return routingOf(object).routes.some(({ targets }) =>
    targets.some(({ place, isMirror }) => !isMirror && !failing.has(formatPath(place))),
  )
}

/** The paths of the destinations and mirrors that findings are on, each once. */
function destinationsOf(findings: readonly Finding[]): readonly Path[] {
  const paths = findings.map(({ path }) =>
    ['subset', 'host', 'port'].includes(String(path.at(-1))) ? path.slice(0, -1) : path,
  )
  return [...new Map(paths.map(path => [formatPath(path), path])).values()]
}

/** The delegate that a finding is about, whose routes are in another object. */
function delegateOf({ metadata, ...rest }: VirtualService, findings: readonly Finding[]): string | undefined {
  const path = findings.map(finding => finding.path).find(each => each.at(-1) === 'delegate')
  if (path === undefined) return undefined
  const { name, namespace } = fieldsOf(valueAt(rest, path))
  return `${textOf(namespace) ?? metadata.namespace}/${textOf(name)}`
}
