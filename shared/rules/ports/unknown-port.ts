import {
  aboutReference,
  groundsOf,
  ownerOf,
  pathOf,
  portsOf,
  routingNeeds,
  routingReads,
} from '../facts/destinations.ts'
import { deadDestination, diagnosesOf } from '../../providers/istio/read/routes/diagnoses.ts'
import { formatPath, type Rule } from '../rule.ts'

/** The cluster of a port that the Service lacks does not exist. */
export const unknownPort: Rule<'VirtualService'> = {
  id: 'unknown-port',
  family: deadDestination,
  severity: { webhook: 'error', lint: 'error' },
  summary: "The port of a destination is one that the Service offers, by its own number and not the pods'.",
  fix: 'Use the port number that the Service has under `spec.ports[].port`.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const diagnosis of diagnosesOf(view, subject, settings)) {
      if (diagnosis.fault !== 'unknown-port') continue
      const { reference } = diagnosis
      const ports = portsOf(diagnosis)
      const path = pathOf(reference, 'port')
      yield {
        path,
        message: `${reference.host} has no port ${reference.target.port}${ports.length === 0 ? '' : `, but ${ports.join(', ')}`}`,
        about: aboutReference(reference),
        absent: 'other',
        restsOn: groundsOf(view, reference),
        ...(ports.length === 0
          ? {}
          : {
              fix:
                reference.route.delegate === undefined
                  ? `Set ${formatPath([...path, 'number'])}: ${ports.join(' or ')}`
                  : `Write port.number: ${ports.join(' or ')} for ${reference.target.host} in ${ownerOf(reference)}.`,
            }),
      }
    }
  },
}
