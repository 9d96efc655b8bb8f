import { refOf } from '../../../objects/kinds.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { protocolFor, sayingProtocol, serviceParents } from '../../facts/service-ports.ts'

/** Of the specification nothing follows for a gateway; a mesh guesses from the first bytes, and may take it for TCP. */
export const undeclaredParentPort = eachRoute({
  id: 'unnamed-port',
  severity: { webhook: 'error', lint: 'warning' },
  summary:
    'A Service port that a route sends requests to declares its protocol, '
    + 'in its name (`http`, `grpc-web`, `tcp-…`) or in appProtocol.',
  fix: 'Start the name of the port with its protocol, or set appProtocol.',
  reads: ['Service'],
  *check(view, route) {
    for (const { service, path, ports } of serviceParents(view, route)) {
      const unnamed = ports.filter(({ said }) => said.autoDetected)
      if (ports.length === 0 || unnamed.length < ports.length) continue
      const { namespace, name } = refOf(service)
      for (const unnamedPort of unnamed) {
        yield {
          path,
          message: `port ${unnamedPort.port} of Service ${namespace}/${name} does not declare its protocol`,
          about: `${namespace}/${name} ${unnamedPort.port}`,
          severity: { webhook: 'warning', lint: 'warning' },
          ...sayingProtocol(service, unnamedPort, protocolFor(route)),
          restsOn: [refOf(service)],
          tells: [{ kind: 'Service', namespace }],
        }
      }
    }
  },
})
