import type { AnyRule } from './rule.ts'
import { apisixRules } from './apisix-rules.ts'
import { gatewayApiRules } from './gateway-api-rules.ts'
import { expiredCohort } from './cohorts/expired-cohort.ts'
import { unreadableRecord } from './cohorts/unreadable-record.ts'
import { unexpandedHost, unexpandedRuleHost } from './hosts/unexpanded-host.ts'
import { unknownHost, unknownRuleHost } from './hosts/unknown-host.ts'
import { missingVersionLabel } from './labels/missing-version-label.ts'
import { ambiguousPort } from './ports/ambiguous-port.ts'
import { httpRouteOnNonHttpPort } from './ports/http-route-on-non-http-port.ts'
import { unknownPort } from './ports/unknown-port.ts'
import { unknownTargetPort } from './ports/unknown-target-port.ts'
import { unnamedPort } from './ports/unnamed-port.ts'
import { appliesNowhere } from './routes/applies-nowhere.ts'
import { brokenDelegate } from './routes/broken-delegate.ts'
import { conflictingVirtualServices } from './routes/conflicting-virtual-services.ts'
import { headlessNotSplit } from './routes/headless-not-split.ts'
import { unknownGateway } from './routes/unknown-gateway.ts'
import { unknownNamespace } from './routes/unknown-namespace.ts'
import { unreachableRoute } from './routes/unreachable-route.ts'
import { duplicateSubset } from './subsets/duplicate-subset.ts'
import { subsetHiddenFromClients } from './subsets/subset-hidden-from-clients.ts'
import { subsetMatchesNoWorkload } from './subsets/subset-matches-no-workload.ts'
import { subsetWithoutDestinationRule } from './subsets/subset-without-destination-rule.ts'
import { undefinedSubset } from './subsets/undefined-subset.ts'
import { undefinedSubsetInactive } from './subsets/undefined-subset-inactive.ts'
import { unmergedDestinationRules } from './subsets/unmerged-destination-rules.ts'
import { ineffectiveWeight } from './weights/ineffective-weight.ts'
import { invalidWeight } from './weights/invalid-weight.ts'
import { missingWeight } from './weights/missing-weight.ts'
import { repeatedDestination } from './weights/repeated-destination.ts'
import { weightsSumTo100 } from './weights/weights-sum-to-100.ts'

/**
 * The rules about what the mesh does with routes, in the order in which they are documented and reported. One
 * that judges objects of several kinds is here once for each.
 */
export const routingRules: readonly AnyRule[] = [
  weightsSumTo100,
  invalidWeight,
  ineffectiveWeight,
  missingWeight,
  repeatedDestination,
  undefinedSubset,
  subsetWithoutDestinationRule,
  subsetHiddenFromClients,
  undefinedSubsetInactive,
  duplicateSubset,
  unmergedDestinationRules,
  subsetMatchesNoWorkload,
  unknownHost,
  unknownRuleHost,
  unexpandedHost,
  unexpandedRuleHost,
  unknownPort,
  unknownTargetPort,
  ambiguousPort,
  unnamedPort,
  httpRouteOnNonHttpPort,
  headlessNotSplit,
  ...missingVersionLabel,
  conflictingVirtualServices,
  brokenDelegate,
  unknownGateway,
  ...unknownNamespace,
  unreachableRoute,
  appliesNowhere,
  unreadableRecord,
  expiredCohort,
  ...gatewayApiRules,
  ...apisixRules,
]
