import { quotedName } from '../../objects/text/escaped.ts'
import {
  aboutReference,
  formatClients,
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
import { clientsTold, delegateTold, providersTold } from '../facts/tells.ts'

/** The cluster of a port that the Service lacks does not exist. */
export const unknownPort: Rule<'VirtualService'> = {
  id: 'unknown-port',
  family: deadDestination,
  severity: { webhook: 'error', lint: 'error' },
  summary:
    "The port of a destination is a port of the Service: the Service's own port number, not that of the pods.",
  fix: 'Use a port number from `spec.ports[].port` of the Service.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const diagnosis of diagnosesOf(view, subject, settings)) {
      if (diagnosis.fault !== 'unknown-port') continue
      const { reference, failing } = diagnosis
      const found = portsFor(diagnosis)
      const { ports, common } = found
      const isPartial = failing.length < reference.outcomes.length
      const callers = isPartial ? ` for clients in ${formatClients(failing)}` : ''
      const path = pathOf(reference, 'port')
      yield {
        path,
        ...writtenIn(reference, 'port'),
        message: `${quotedName(reference.host)} has no port ${reference.target.port}${callers}; it has ${ports.length === 0 ? 'no TCP port' : ports.join(', ')}`,
        about: aboutReference(reference),
        absent: 'other',
        restsOn: groundsOf(view, reference),
        tells: [
          ...delegateTold(reference),
          ...providersTold(reference.outcomes),
          ...(isPartial ? clientsTold(failing) : []),
        ],
        ...(common.length === 0
          ? { fix: addingPort(diagnosis, found) }
          : {
              fix:
                reference.route.delegate === undefined
                  ? `Set ${formatPath([...path, 'number'])}: ${common.join(' or ')}`
                  : `Write port.number: ${common.join(' or ')} for ${reference.target.host} in ${ownerOf(reference)}.`,
            }),
      }
    }
  },
}
