import { rulesOf } from '../../../providers/gateway-api/resolve/routes.ts'
import { textOf } from '../../../objects/unchecked.ts'
import { firstPlaces } from '../../../objects/text/first-places.ts'
import { freeName } from '../../../objects/text/free-name.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { formatPath } from '../../rule.ts'

/** Only the CRDs of the experimental channel refuse them; what names a rule then means the first, or none. */
export const duplicateRuleName = eachRoute({
  id: 'duplicate-rule-name',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'The rules of an HTTPRoute, GRPCRoute or ApisixRoute have different names.',
  fix: 'Give one of the rules another name.',
  reads: [],
  *check(_view, route) {
    const names = rulesOf(route).map(({ name }) => textOf(name))
    const first = firstPlaces(names)
    const taken = new Set(names)
    for (const [i, name] of names.entries()) {
      if (name === undefined || first.get(name) === i) continue
      const path = ['spec', 'rules', i, 'name']
      const free = freeName(name, taken)
      taken.add(free)
      yield {
        path,
        message: `the name ${quotedName(name)} is that of rule ${first.get(name)! + 1} as well`,
        about: name,
        fix: `Set ${formatPath(path)}: ${free}`,
      }
    }
  },
})
