import { apisixBackendMatchesNoWorkload } from './apisix/backends/backend-matches-no-workload.ts'
import { invalidApisixWeight } from './apisix/backends/invalid-weight.ts'
import { overriddenWeights } from './apisix/backends/overridden-weights.ts'
import { repeatedBackend } from './apisix/backends/repeated-backend.ts'
import { unknownApisixBackend } from './apisix/backends/unknown-backend.ts'
import { unknownApisixPort } from './apisix/backends/unknown-port.ts'
import { apisixUnknownTargetPort } from './apisix/backends/unknown-target-port.ts'
import { apisixWeightsSumToZero } from './apisix/backends/weights-sum-to-zero.ts'
import { duplicateApisixRuleName } from './apisix/matching/duplicate-rule-name.ts'
import { undefinedRuleOrder } from './apisix/matching/undefined-rule-order.ts'
import { unknownPluginConfig } from './apisix/matching/unknown-plugin-config.ts'
import { expiredApisixCohort } from './cohorts/expired-cohort.ts'
import { unreadableApisixRecord } from './cohorts/unreadable-record.ts'
import type { AnyRule } from './rule.ts'

/** The rules about what APISIX and its ingress controller do with ApisixRoutes. The guard does not watch these. */
export const apisixRules: readonly AnyRule[] = [
  apisixWeightsSumToZero,
  invalidApisixWeight,
  unknownApisixBackend,
  unknownApisixPort,
  apisixUnknownTargetPort,
  apisixBackendMatchesNoWorkload,
  repeatedBackend,
  overriddenWeights,
  unknownPluginConfig,
  duplicateApisixRuleName,
  undefinedRuleOrder,
  unreadableApisixRecord,
  expiredApisixCohort,
]
