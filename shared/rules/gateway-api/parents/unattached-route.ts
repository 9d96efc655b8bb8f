import { quotedName } from '../../../objects/text/escaped.ts'
import type { AttachmentRefusal } from '../../../providers/gateway-api/resolve/attachments.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { groundsOfParent, judgedAttachments } from '../../facts/route-parents.ts'

const why: Readonly<Partial<Record<AttachmentRefusal, string>>> = {
  'not-allowed': 'lets routes of this kind and namespace attach (allowedRoutes, and a protocol for requests)',
  'no-matching-hostname': 'has a hostname that is one of the route',
}

/** The controller says so in the status of the route alone: the requests are answered with 404. */
export const unattachedRoute = eachRoute({
  id: 'unattached-route',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'A listener of the Gateway that an HTTPRoute or GRPCRoute names takes the route: its kind, its namespace and its hostnames.',
  fix: 'Change allowedRoutes or the hostname of the listener, or the hostnames of the route.',
  reads: ['Gateway.gateway.networking.k8s.io', 'Service', 'Namespace'],
  needs: ['Gateway.gateway.networking.k8s.io', 'Service'],
  *check(view, route, settings) {
    for (const { parent, index, refusal } of judgedAttachments(view, route, settings)) {
      const { namespace, name, sectionName } = parent
      const path = ['spec', 'parentRefs', index]
      const reason = refusal === undefined ? undefined : why[refusal]
      if (reason !== undefined)
        yield {
          path,
          message: `${sectionName === undefined ? 'no listener' : `no listener ${quotedName(sectionName)}`} of Gateway ${namespace}/${name} ${reason}: the route is not installed on it`,
          about: `${refusal} ${namespace}/${name} ${sectionName ?? ''}`,
          absent: 'other',
          ...groundsOfParent(parent),
        }
      else if (refusal === 'unsupported-service')
        yield {
          path,
          message: `Service ${namespace}/${name} is an ExternalName, to which no route is attached`,
          about: `${refusal} ${namespace}/${name}`,
          fix: 'Attach the route to a Service that has a cluster IP, or to a Gateway.',
          ...groundsOfParent(parent),
        }
    }
  },
})
