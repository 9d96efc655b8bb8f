import { isKind, refOf } from '../../../shared/objects/kinds.ts'
import { keyOf, type KubeObject, type Ref } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { deleteCommand, patchCommand } from '../../../shared/objects/kubectl-commands.ts'
import { valueAt } from '../../../shared/objects/paths.ts'
import { formatPath, type Finding, type Path, type Setting } from '../../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { routingOf } from '../../../shared/providers/istio/resolve/objects/routes.ts'
import { fieldsOf, textOf } from '../../../shared/objects/unchecked.ts'
import { kept, portsThatStay } from './fields-to-keep.ts'
import { pointer, takingOut } from './removal-patch.ts'

/**
 * The findings, each with the fix for whoever asked for the change. A rule says how to mend what stands;
 * here the object is not there yet, so that the
 * mend belongs into it, or something is taken away, so that what still needs it comes first.
 */
export function mended(findings: readonly Finding[], change: Change, view: ClusterView): readonly Finding[] {
  const isGround = change.before !== undefined && grounds.has(change.before.kind)
  const needy = new Map(
    (isGround ? [...Map.groupBy(findings, ({ ref }) => keyOf(ref))] : []).map(([key, found]) => [
      key,
      needyOf(found, view),
    ]),
  )
  return findings.map(finding => ({
    ...finding,
    fix: fixFor(finding, change, needy.get(keyOf(finding.ref))),
  }))
}

/** The kinds that routes rest on. */
const grounds: ReadonlySet<string> = new Set([
  'DestinationRule',
  'Service',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
])

function fixFor(finding: Finding, change: Change, needy: Needy | undefined): string {
  const { before, after } = change
  const { sets, fix } = finding
  if (sets !== undefined && belongsInto(change, finding)) return editOf(sets)
  // Files come by their names: as a rule the DestinationRule is on its way, and only comes too late.
  if (finding.absent === 'subset' && after?.kind === 'VirtualService' && isCommand(fix)) {
    return `First apply the DestinationRule that defines the subset, or define it by:\n${fix}`
  }
  if (before === undefined || needy === undefined) return fix
  return after === undefined
    ? whenDeleted(before, needy)
    : (whenUpdated(finding, { before, after }, needy) ?? fix)
}

const isCommand = (fix: string): boolean => /^(?:kubectl|echo) /.test(fix)

/**
 * Whether what a finding wants of the changed object is to be written there: it is said of the object itself,
 * or that comes anew. Of what is taken away
 * from what others rest on it is better to be told to keep it; but a port of a Service that was there before
 * is set right where it stands.
 */
function belongsInto(change: Change, { ref, sets }: Finding): boolean {
  const { before, after } = change
  if (after === undefined || keyOf(sets!.ref) !== keyOf(changedRef(change))) return false
  if (before === undefined || keyOf(ref) === keyOf(sets!.ref)) return true
  return (
    before.kind === 'Service'
    && portsThatStay(before, after).includes(valueAt(after, [...sets!.path.slice(0, 3), 'port']) as number)
  )
}

function editOf({ ref, path, value, isItem }: Setting): string {
  if (value === undefined) return `Remove ${formatPath(path)} from ${keyOf(ref)}`
  const said = `${formatPath(path)}: ${typeof value === 'string' ? value : JSON.stringify(value)}`
  return isItem ? `Add in ${keyOf(ref)}:\nan item of ${said}` : `Set ${said} in ${keyOf(ref)}`
}

/** What would break: the VirtualService, with all that is said of it. */
interface Needy {
  readonly ref: Ref
  readonly object: VirtualService
  readonly findings: readonly Finding[]
  /** What takes all that fails out of it; undefined where that is not one command. */
  readonly takeOut: string | undefined
}

function needyOf(findings: readonly Finding[], view: ClusterView): Needy | undefined {
  const { ref } = findings[0]!
  const object = view.get(ref)
  return object !== undefined && isKind('VirtualService', object)
    ? { ref, object, findings, takeOut: takeOutCommand({ ref, object, findings }) }
    : undefined
}

function whenDeleted(before: KubeObject, needy: Needy): string {
  const { ref, object, takeOut: command } = needy
  const again = 'or run the same command again if it deletes both'
  if (command !== undefined && leadsElsewhere(needy))
    return `First take out of ${keyOf(ref)} what needs ${keyOf(refOf(before))}, ${again}:\n${command}`
  const delegate = delegateOf(object, needy.findings)
  if (delegate !== undefined)
    return `First take out of VirtualService ${delegate} what needs ${keyOf(refOf(before))}, ${again}.`
  const deletion = `Delete ${keyOf(ref)} first, ${again}:\n${deleteCommand(ref)}`
  return command === undefined
    ? deletion
    : `${deletion}\nTo keep it, first take out of it what needs ${keyOf(refOf(before))}:\n${command}`
}

function whenUpdated(
  finding: Finding,
  { before, after }: Required<Change>,
  needy: Needy,
): string | undefined {
  const lines = kept(before!, after!)
  if (lines.length === 0) return undefined
  return [
    `Keep in ${keyOf(refOf(before!))}, as it was:`,
    ...lines,
    ...insteadOf(finding, portsThatStay(before!, after!), needy),
  ].join('\n')
}

const portRules: ReadonlySet<string> = new Set(['unknown-port', 'ambiguous-port'])

/** What is to be done first by those who will not keep it. */
function insteadOf({ rule }: Finding, ports: readonly number[], needy: Needy): readonly string[] {
  const { ref, object, findings } = needy
  const delegate = delegateOf(object, findings)
  if (delegate !== undefined) return [`Or first take what needs it out of VirtualService ${delegate}.`]
  if (portRules.has(rule)) {
    const [port] = ports
    if (port === undefined) return [`It can go once ${keyOf(ref)} leads to another port.`]
    const places = placesOf(findings.filter(other => portRules.has(other.rule)))
    const steps = places.flatMap(place => [
      {
        op: 'test',
        path: pointer([...place, 'host']),
        value: textOf(fieldsOf(valueAt(object, place))['host']),
      },
      { op: 'add', path: pointer([...place, 'port']), value: { number: port } },
    ])
    return [`Or first lead ${keyOf(ref)} to port ${port}:`, patchCommand(ref, 'json', steps)]
  }
  const { takeOut: command } = needy
  return command === undefined
    ? [`Or first delete ${keyOf(ref)}:`, deleteCommand(ref)]
    : [`Or first take what needs it out of ${keyOf(ref)}:`, command]
}

/** Longer ones would be cut with the message. */
const mostCommandLength = 900

function takeOutCommand({ ref, object, findings }: Omit<Needy, 'takeOut'>): string | undefined {
  const steps = takingOut(object, placesOf(findings))
  const command = steps === undefined ? undefined : patchCommand(ref, 'json', steps)
  return command === undefined || command.length > mostCommandLength ? undefined : command
}

const leadsElsewhere = ({ object, findings }: Needy): boolean => {
  const failing = new Set(placesOf(findings).map(formatPath))
  return routingOf(object).routes.some(({ targets }) =>
    targets.some(({ place, isMirror }) => !isMirror && !failing.has(formatPath(place))),
  )
}

/** The destinations and mirrors that findings are on, each once. */
function placesOf(findings: readonly Finding[]): readonly Path[] {
  const places = findings.map(({ path }) =>
    ['subset', 'host', 'port'].includes(String(path.at(-1))) ? path.slice(0, -1) : path,
  )
  return [...new Map(places.map(place => [formatPath(place), place])).values()]
}

/** The delegate that a finding is said of; what it routes stands in an object of its own. */
function delegateOf({ metadata, ...rest }: VirtualService, findings: readonly Finding[]): string | undefined {
  const path = findings.map(finding => finding.path).find(each => each.at(-1) === 'delegate')
  if (path === undefined) return undefined
  const { name, namespace } = fieldsOf(valueAt(rest, path))
  return `${textOf(namespace) ?? metadata.namespace}/${textOf(name)}`
}
