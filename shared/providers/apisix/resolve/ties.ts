import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { covers } from '../../../routing/covers.ts'
import { canBothHold } from '../../../routing/narrow.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { charge } from '../../../view/session.ts'
import { matchesOf } from './matches.ts'
import { classOf, nameOf, priorityOf, rulesOf } from './rules.ts'
import { entriesByPath, type TableEntry } from './table.ts'

/** A rule of a route. */
export interface RuleOfRoute {
  readonly route: ApisixRoute
  /** Its place. */
  readonly rule: number
}

/**
 * How what a rule asks for stands to what another does: the other takes all of it (`within`), or less (`over`), or the same, or
 * some of it.
 */
type RivalStanding = 'within' | 'over' | 'same' | 'overlap'

/** A rule that may take the same requests as another by one path and host. */
interface Rival extends RuleOfRoute {
  /** As it is written. */
  readonly path: string
  readonly priority: number
  readonly standing: RivalStanding
  /** Whether the other rule has all paths and methods of this one. */
  readonly isWhole: boolean
}

/** A rule that nothing orders before or after one that may take the same requests. */
export interface TiedRule extends Rival {
  readonly standing: Exclude<RivalStanding, 'over'>
}

/**
 * The rules that a rule is tied with: of one path, host and priority, and for the same requests. Of two rules that ask for the
 * same, or for some of the same, the later one by name and place has the tie; else the one that asks for less.
 */
export const tiesOf = (view: ClusterView, asked: RuleOfRoute): readonly TiedRule[] =>
  rivalsOf(view, asked).filter((rival): rival is TiedRule => isTie(asked, rival))

const isTie = (asked: RuleOfRoute, { standing, priority, ...rival }: Rival): boolean =>
  priority === priorityIn(asked) && (standing === 'within' || (standing !== 'over' && isLater(asked, rival)))

const priorityIn = ({ route, rule }: RuleOfRoute): number => priorityOf(rulesOf(route)[rule]!)

/**
 * The priority by which a rule goes before all that it is tied with, once those of them that need one have
 * theirs; undefined where it would then take all requests of a rule that has a higher priority now.
 */
export function untiedPriority(view: ClusterView, asked: RuleOfRoute): number | undefined {
  const rivals = rivalsOf(view, asked)
  const least = levelOf(view, asked, [])
  for (let free = priorityIn(asked) + 1; ; free++) {
    const there = rivals.filter(({ priority }) => priority === free)
    if (there.some(({ standing }) => standing === 'over' || standing === 'same')) return undefined
    if (there.length === 0 && free >= least) return free
  }
}

/**
 * One more than the highest level of what takes all that a rule asks for and is tied with it; the priority of a
 * rule that has none.
 */
function levelOf(view: ClusterView, asked: RuleOfRoute, above: readonly string[]): number {
  const key = `${nameOf(asked.route)} ${asked.rule}`
  const ties = above.includes(key) ? [] : tiesOf(view, asked)
  const wider = ties.filter(({ standing }) => standing === 'within')
  return wider.length === 0
    ? priorityIn(asked)
    : 1 + Math.max(...wider.map(tie => levelOf(view, tie, [...above, key])))
}

interface RivalPair {
  readonly own: TableEntry
  readonly other: TableEntry
  readonly standing: RivalStanding
}

function rivalsOf(view: ClusterView, { route, rule }: RuleOfRoute): readonly Rival[] {
  const byPath = entriesByPath(view, classOf(route))
  const paths = new Set(matchesOf(route).flatMap(each => (each.rule === rule ? [each.path] : [])))
  const isOwn = (entry: TableEntry): boolean => entry.route === route && entry.rule === rule
  const pairs = [...paths].flatMap((path): readonly RivalPair[] => {
    const all = byPath.get(path) ?? []
    charge(view, 1 + all.length / 20)
    const others = all.filter(entry => !isOwn(entry))
    return all.filter(isOwn).flatMap(own => others.flatMap(other => pairOf(own, other) ?? []))
  })
  const byRule = Map.groupBy(pairs, ({ other }) => `${nameOf(other.route)} ${other.rule}`)
  return [...byRule.values()].map(those => {
    const { route: object, rule: at, path, priority } = those[0]!.other
    const isWhole = matchesOf(route).every(
      each => each.rule !== rule || those.some(({ own }) => own.match === each.match),
    )
    return { route: object, rule: at, path, priority, standing: standingOfRules(those), isWhole }
  })
}

function pairOf(own: TableEntry, other: TableEntry): RivalPair | undefined {
  const standing = shareHost(own, other) ? standingOf(own, other) : undefined
  return standing === undefined ? undefined : { own, other, standing }
}

/** How two rules stand by the paths and methods that both have. */
function standingOfRules(pairs: readonly RivalPair[]): RivalStanding {
  const found = new Set(pairs.map(({ standing }) => standing))
  if (found.has('overlap') || (found.has('within') && found.has('over'))) return 'overlap'
  if (found.has('within')) return 'within'
  if (found.has('over')) return 'over'
  return 'same'
}

/** Whether there is a host for which no router tells two rules apart: both are for every host, or name the same one. */
const shareHost = ({ hosts: some }: TableEntry, { hosts: others }: TableEntry): boolean =>
  some.length === 0 ? others.length === 0 : some.some(host => others.includes(host))

const isLater = (one: RuleOfRoute, other: RuleOfRoute): boolean => {
  const [name, before] = [nameOf(one.route), nameOf(other.route)]
  return name === before ? one.rule > other.rule : name > before
}

/**
 * Undefined where no request is for both. What a rule asks that no request tells, such as a function, may exclude all of the
 * other one: only where that takes everything else as well is it known that both are for some request.
 */
function standingOf(one: TableEntry, other: TableEntry): RivalStanding | undefined {
  if (!canBothHold(one.match, other.match)) return undefined
  const [within, over] = [covers(other.match, one.match), covers(one.match, other.match)]
  const [isSure, isOtherSure] = [one.unsure.length === 0, other.unsure.length === 0]
  if (!isSure) return isOtherSure && within ? 'within' : undefined
  if (!isOtherSure) return over ? 'over' : undefined
  if (within === over) return within ? 'same' : 'overlap'
  return within ? 'within' : 'over'
}
