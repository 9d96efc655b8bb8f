import { routingNeeds } from '../../rules/facts/destinations.ts'
import type { ServiceCheck } from '../check.ts'
import { foundByRules } from '../facts/from-rules.ts'

/** What the rules of `lint` find besides what other checks report: weights, hosts, records. */
export const routes: ServiceCheck = {
  id: 'routes',
  summary: 'The routes pass the rules of `lint`: weights add up, hosts exist, records can be read.',
  fix: 'See docs/rules.md for the rule that is named.',
  needs: routingNeeds,
  states: ['warn', 'fail'],
  *check(subject) {
    yield* foundByRules(subject, 'routes')
    // No rule judges what routes a service outside a mesh.
    const { isOutsideMesh, traffic } = subject.reading
    if (isOutsideMesh !== true && traffic.entryPoints.length > 0)
      yield { state: 'pass', message: 'weights, hosts and records are right' }
  },
}
