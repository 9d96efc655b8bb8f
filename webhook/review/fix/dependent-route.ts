import type { ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { keyOf, type Ref } from '../../../shared/objects/kube-object.ts'
import { pointerTo, valueAt } from '../../../shared/objects/paths.ts'
import { deleteCommand, patchCommand } from '../../../shared/objects/text/kubectl-commands.ts'
import { fieldsOf } from '../../../shared/objects/unchecked.ts'
import {
  backendsOf,
  isRoute,
  rulesOf,
  weightOf,
} from '../../../shared/providers/gateway-api/resolve/routes.ts'
import { formatPath, type Finding, type Path } from '../../../shared/rules/rule.ts'
import { findingsOf } from '../../../shared/rules/introduced.ts'
import type { Change } from '../../../shared/view/change.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import type { Reviewed } from './dependent.ts'
import { replacing, retry } from './deletion-texts.ts'
import { fieldsToKeep, remainingPorts } from './fields-to-keep.ts'

/** An HTTPRoute or GRPCRoute that would break, with all findings on it. */
export interface DependentRoute {
  readonly ref: Ref
  readonly route: ServiceRoute
  readonly findings: readonly Finding[]
  /** Its backends that fail, also those that failed before, by their places as text. */
  readonly failing: ReadonlySet<string>
}

/** The route that some findings are on; undefined where they are on another object. */
export function dependentRouteOf(
  findings: readonly Finding[],
  { judge, view, change }: Reviewed,
): DependentRoute | undefined {
  const { ref } = findings[0]!
  const route = view.get(ref)
  if (route === undefined || !isRoute(route)) return undefined
  const all = findingsOf(judge, overlay(view, [change]), [ref])
  const missing = all.filter(({ absent }) => absent !== undefined)
  return { ref, route, findings, failing: new Set(backendsIn([...findings, ...missing]).map(formatPath)) }
}

/** What is to be done first where a change takes away what a route needs; undefined where the rule's own fix says it. */
export function fixOfDependentRoute(
  finding: Finding,
  { before, after }: Change,
  dependent: DependentRoute,
): readonly string[] | undefined {
  if (before === undefined) return undefined
  const { ref } = dependent
  const removal = removalCommand(dependent)
  const needed = keyOf(refOf(before))
  if (after === undefined) {
    const steps =
      removal === undefined
        ? [`Delete ${keyOf(ref)} first, ${retry}:`, deleteCommand(ref)]
        : [`First remove from ${keyOf(ref)} what needs ${needed}, ${retry}:`, removal]
    return [...steps, replacing(refOf(before))]
  }
  const lines = fieldsToKeep(before, after)
  if (lines.length === 0) return undefined
  const port = portCommand(finding, { dependent, ports: remainingPorts(before, after) })
  return [
    `Keep in ${needed}, as it was:`,
    ...lines,
    ...(port
      ?? (removal === undefined
        ? [`Or first delete ${keyOf(ref)}:`, deleteCommand(ref)]
        : [`Or first remove what needs it from ${keyOf(ref)}:`, removal])),
  ]
}

/** The places of the backends that findings are on, each once. */
const backendsIn = (findings: readonly Finding[]): readonly Path[] => [
  ...new Map(
    findings.flatMap(({ path }): readonly (readonly [string, Path])[] => {
      const place = path.slice(0, path.indexOf('backendRefs') + 2)
      return place.length < 2 ? [] : [[formatPath(place), place]]
    }),
  ).values(),
]

/** The backends that fail are removed: what is left of a rule shares its requests in the same proportions. */
function removalCommand({ ref, route, findings, failing }: DependentRoute): string | undefined {
  const places = backendsIn(findings)
  const leavesNone = places.some(place => {
    const index = Number(place[2])
    return !backendsOf(rulesOf(route)[index] ?? {}).some(
      (backend, j) =>
        weightOf(backend) > 0 && !failing.has(formatPath(['spec', 'rules', index, 'backendRefs', j])),
    )
  })
  if (places.length === 0 || leavesNone) return undefined
  return patchCommand(ref, 'json', [
    ...places.map(place => testOf(route, place)),
    // From the end, so that those before keep their index.
    ...places.toReversed().map(place => ({ op: 'remove', path: pointerTo(place) })),
  ])
}

const testOf = (route: ServiceRoute, place: Path): object => ({
  op: 'test',
  path: pointerTo([...place, 'name']),
  value: fieldsOf(valueAt(route, place))['name'],
})

/** How a route takes another port that the Service keeps. */
function portCommand(
  { rule }: Finding,
  { dependent, ports }: { readonly dependent: DependentRoute; readonly ports: readonly number[] },
): readonly string[] | undefined {
  const { ref, route, findings } = dependent
  const [port] = ports
  if (rule !== 'unknown-port' || port === undefined) return undefined
  const places = backendsIn(findings.filter(each => each.rule === rule))
  return [
    `Or first change ${keyOf(ref)} to port ${port}:`,
    patchCommand(
      ref,
      'json',
      places.flatMap(place => [
        testOf(route, place),
        { op: 'replace', path: pointerTo([...place, 'port']), value: port },
      ]),
    ),
  ]
}
