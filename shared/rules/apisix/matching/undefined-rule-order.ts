import { isEqual } from '../../../objects/content/equal.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf } from '../../../objects/unchecked.ts'
import { nameOf, ruleKeys, rulesOf } from '../../../providers/apisix/resolve/rules.ts'
import {
  tiesOf,
  untiedPriority,
  type RuleOfRoute,
  type TiedRule,
} from '../../../providers/apisix/resolve/ties.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { formatPath, type Path, type Rule, type Violation } from '../../rule.ts'

/**
 * Nothing orders rules of one path and priority (lua-resty-radixtree, sort_route). Rules that do the same with requests may
 * stand in any order.
 */
export const undefinedRuleOrder: Rule<'ApisixRoute'> = {
  id: 'undefined-rule-order',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'Rules of ApisixRoutes that may take the same requests by one path have different priorities: the one for fewer requests has the higher one.',
  fix: 'Set a higher priority on the rule that should be tried first.',
  subject: 'ApisixRoute',
  reads: [],
  *check(view, route) {
    for (const rule of rulesOf(route).keys()) {
      const asked = { route, rule }
      const ties = tiesOf(view, asked).filter(tie => !doesSame(asked, tie))
      const worst = worstFirst.flatMap(standing => ties.find(tie => tie.standing === standing) ?? [])[0]
      if (worst !== undefined) yield violationAt(view, asked, worst)
    }
  },
}

/** Whether two rules differ in what they ask for alone. */
const doesSame = (one: RuleOfRoute, other: RuleOfRoute): boolean => isEqual(actionOf(one), actionOf(other))

function actionOf({ route, rule }: RuleOfRoute): object {
  const { name: _name, match: _match, priority: _priority, ...action } = fieldsOf(rulesOf(route)[rule])
  return action
}

const worstFirst = ['same', 'within', 'overlap'] as const satisfies readonly TiedRule['standing'][]

const takes: Readonly<Record<TiedRule['standing'], string>> = {
  within: 'matches all requests that this rule matches',
  same: 'matches the same requests',
  overlap: 'may take the same requests',
}

function violationAt(view: ClusterView, asked: RuleOfRoute, tie: TiedRule): Violation {
  const { route, rule } = asked
  const path = ['spec', 'http', rule]
  const at = formatPath(['spec', 'http', tie.rule])
  const where = tie.route === route ? at : `ApisixRoute ${nameOf(tie.route)} ${at}`
  const namespace = namespaceOf(tie.route)
  return {
    path,
    message: `${where} ${takes[tie.standing]}, by the path ${tie.path} and with the same priority: their order is undefined`,
    about: `${tie.path} ${nameOf(tie.route)} ${ruleKeys(tie.route)[tie.rule]}`,
    ...(tie.standing === 'overlap' ? { severity: { webhook: 'info', lint: 'info' } } : {}),
    ...fixOf(path, { where, tie, asked, priority: untiedPriority(view, asked) }),
    tells: [{ kind: 'ApisixRoute', namespace }],
    restsOn: [{ kind: 'ApisixRoute', namespace, name: tie.route.metadata.name }],
  }
}

interface Tie {
  readonly where: string
  readonly tie: TiedRule
  readonly asked: RuleOfRoute
  readonly priority: number | undefined
}

/** Of two rules that ask for the same one is useless, whichever goes first; of two that meet rarely either may. */
function fixOf(path: Path, { where, tie, asked, priority }: Tie): Pick<Violation, 'fix'> {
  const { standing, isWhole } = tie
  if (standing === 'same' && isWhole && rulesOf(asked.route).length > 1)
    return {
      fix: `Remove ${formatPath(path)}, or give it a higher priority if it is to take the requests of ${where}`,
    }
  return priority === undefined || standing !== 'within'
    ? {}
    : { fix: `Set ${formatPath([...path, 'priority'])}: ${priority}` }
}
