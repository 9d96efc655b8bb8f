import { firstPlaces } from '../../../objects/text/first-places.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { textOf } from '../../../objects/unchecked.ts'
import { rulesOf } from '../../../providers/apisix/resolve/rules.ts'
import { freeName } from '../../../objects/text/free-name.ts'
import { formatPath, type Rule } from '../../rule.ts'

/**
 * The id of a route in APISIX is made from the name of its rule. The controller refuses an ApisixRoute that has one twice since
 * 2.0 (internal/controller/apisixroute_controller.go, `duplicate route rule name`); before, one rule replaces the other.
 */
export const duplicateApisixRuleName: Rule<'ApisixRoute'> = {
  id: 'duplicate-rule-name',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'The rules of an HTTPRoute, GRPCRoute or ApisixRoute have different names.',
  fix: 'Give one of the rules another name.',
  subject: 'ApisixRoute',
  reads: [],
  *check(_view, route) {
    const names = rulesOf(route).map(({ name }) => textOf(name))
    const first = firstPlaces(names)
    const taken = new Set(names)
    for (const [i, name] of names.entries()) {
      if (name === undefined || first.get(name) === i) continue
      const path = ['spec', 'http', i, 'name']
      const free = freeName(name, taken)
      taken.add(free)
      yield {
        path,
        message: `the name ${quotedName(name)} is that of rule ${first.get(name)! + 1} as well: the ingress controller refuses the whole route since 2.0, and before, one of them replaces the other`,
        about: name,
        fix: `Set ${formatPath(path)}: ${free}`,
      }
    }
  },
}
