import { quotedName } from '../../../objects/text/escaped.ts'
import { fieldsOf, itemsOf, numberOf } from '../../../objects/unchecked.ts'
import { backendsOf, rulesOf, weightOf } from '../../../providers/apisix/resolve/rules.ts'
import { fixBeside } from '../../fixes/stable-weight.ts'
import { formatPath, type Rule } from '../../rule.ts'

/**
 * The CRD lets a negative weight through, and APISIX refuses the upstream that is made of it: its nodes have `minimum = 0`
 * (apisix/schema_def.lua, nodes_schema).
 */
export const invalidApisixWeight: Rule<'ApisixRoute'> = {
  id: 'invalid-weight',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'A weight is an integer from 0 to 2147483647.',
  fix: 'Write the weight as a whole number from 0 to 100, without quotes.',
  subject: 'ApisixRoute',
  reads: ['Rollout'],
  needs: [],
  *check(view, route) {
    for (const [i, rule] of rulesOf(route).entries())
      for (const [list, targets] of [
        ['backends', backendsOf(rule)],
        ['upstreams', itemsOf(rule.upstreams).map(fieldsOf)],
      ] as const)
        for (const [j, target] of targets.entries()) {
          const weight = numberOf(target['weight'])
          if (weight === undefined || weight >= 0) continue
          const path = ['spec', 'http', i, list, j, 'weight']
          const of = fieldsOf(target)
          const name = String(of['serviceName'] ?? of['name'])
          yield {
            path,
            message: `the weight of ${quotedName(name)} is ${weight}: APISIX takes no weight below 0`,
            about: `${name}=${weight}`,
            // With 0 for all of them APISIX would give each an equal share.
            ...fixBeside(
              view,
              route,
              `Set ${formatPath(path)}: ${targets.some(each => weightOf(each) > 0) ? 0 : 100}`,
            ),
          }
        }
  },
}
