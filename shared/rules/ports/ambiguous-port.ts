import { quotedName } from '../../objects/text/escaped.ts'
import {
  aboutReference,
  groundsOf,
  ownerOf,
  pathOf,
  writtenIn,
  portsFor,
  routingNeeds,
  routingReads,
} from '../facts/destinations.ts'
import { deadDestination, diagnosesOf } from '../../providers/istio/read/routes/diagnoses.ts'
import { addingPort } from '../fixes/add-port.ts'
import { formatPath, type Rule } from '../rule.ts'
import { delegateTold, listenersTold, providersTold } from '../facts/tells.ts'

/** Left out, the port is the one that the request came in by, also for a Service with a single other port. */
export const ambiguousPort: Rule<'VirtualService'> = {
  id: 'ambiguous-port',
  family: deadDestination,
  severity: { webhook: 'error', lint: 'warning' },
  summary: 'A destination names its port where the Service does not listen on the port of the requests.',
  fix: 'Add `port: { number: … }` to the destination.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const diagnosis of diagnosesOf(view, subject, settings)) {
      if (diagnosis.fault !== 'ambiguous-port') continue
      const { reference, failing } = diagnosis
      const [found, taken] = [portsFor(diagnosis), [...new Set(failing.map(({ port }) => port))]]
      const { ports, common } = found
      const path = pathOf(reference, 'port')
      yield {
        path,
        ...writtenIn(reference, 'port'),
        message: `the destination names no port, so the port of the requests (${taken.join(', ')}) is used; ${quotedName(reference.host)} does not have it${ports.length === 0 ? '; it has no TCP port' : `, only ${ports.join(', ')}`}`,
        about: aboutReference(reference),
        absent: 'other',
        restsOn: groundsOf(view, reference),
        tells: [
          ...delegateTold(reference),
          ...providersTold(reference.outcomes),
          ...listenersTold(view, subject),
        ],
        ...(common.length === 0
          ? { fix: addingPort(diagnosis, found) }
          : {
              fix:
                reference.route.delegate === undefined
                  ? `Add ${formatPath([...path, 'port', 'number'])}: ${common.join(' or ')}`
                  : `Write port.number: ${common.join(' or ')} for ${reference.target.host} in ${ownerOf(reference)}.`,
            }),
      }
    }
  },
}
