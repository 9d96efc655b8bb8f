import { expiredRouteCohort } from './cohorts/expired-cohort.ts'
import { unreadableRouteRecord } from './cohorts/unreadable-record.ts'
import { backendMatchesNoWorkload } from './gateway-api/backends/backend-matches-no-workload.ts'
import { grpcRouteOnHttp1Port } from './gateway-api/backends/grpc-route-on-http1-port.ts'
import { routeOnNonHttpPort } from './gateway-api/backends/route-on-non-http-port.ts'
import { ungrantedReference } from './gateway-api/backends/ungranted-reference.ts'
import { unknownBackendPort } from './gateway-api/backends/unknown-backend-port.ts'
import { unknownBackendTargetPort } from './gateway-api/backends/unknown-target-port.ts'
import { unknownBackend } from './gateway-api/backends/unknown-backend.ts'
import { weightsSumToZero } from './gateway-api/backends/weights-sum-to-zero.ts'
import { duplicateRuleName } from './gateway-api/matching/duplicate-rule-name.ts'
import { invalidRegex } from './gateway-api/matching/invalid-regex.ts'
import { repeatedHeader } from './gateway-api/matching/repeated-header.ts'
import { ruleWithoutBackend } from './gateway-api/matching/rule-without-backend.ts'
import { unreachableMatch } from './gateway-api/matching/unreachable-match.ts'
import { noCatchAll } from './gateway-api/parents/no-catch-all.ts'
import { unattachedRoute } from './gateway-api/parents/unattached-route.ts'
import { undeclaredParentPort } from './gateway-api/parents/undeclared-parent-port.ts'
import { unknownParent } from './gateway-api/parents/unknown-parent.ts'
import type { AnyRule } from './rule.ts'

/** The rules about what gateways and meshes do with HTTPRoutes and GRPCRoutes, each once for each kind. */
export const gatewayApiRules: readonly AnyRule[] = [
  ...weightsSumToZero,
  ...unknownBackend,
  ...unknownBackendPort,
  ...unknownBackendTargetPort,
  ...ungrantedReference,
  ...backendMatchesNoWorkload,
  ...routeOnNonHttpPort,
  ...grpcRouteOnHttp1Port,
  ...undeclaredParentPort,
  ...unknownParent,
  ...unattachedRoute,
  ...noCatchAll,
  ...ruleWithoutBackend,
  ...duplicateRuleName,
  ...repeatedHeader,
  ...invalidRegex,
  ...unreachableMatch,
  ...unreadableRouteRecord,
  ...expiredRouteCohort,
]
