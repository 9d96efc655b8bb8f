import type { NamespaceCheck, ServiceCheck } from './check.ts'
import { destinationRules } from './routes/destination-rules.ts'
import { headerForwarding } from './routes/header-forwarding.ts'
import { mtls } from './routes/mtls.ts'
import { routeCoverage } from './routes/route-coverage.ts'
import { routes } from './routes/routes.ts'
import { sessionAffinity } from './routes/session-affinity.ts'
import { subsets } from './routes/subsets.ts'
import { virtualServices } from './routes/virtual-services.ts'
import { autoscaling } from './scale/autoscaling.ts'
import { capacity } from './scale/capacity.ts'
import { disruptionBudgets } from './scale/disruption-budgets.ts'
import { headless } from './workloads/headless.ts'
import { namespaceInjection, serviceInjection } from './workloads/injection.ts'
import { podLabels } from './workloads/pod-labels.ts'
import { portConflicts } from './workloads/port-conflicts.ts'
import { ports } from './workloads/ports.ts'
import { serviceSelector } from './workloads/service-selector.ts'
import { serviceWorkloads, workloadServices } from './workloads/services-of-workloads.ts'
import { waypoint } from './workloads/waypoint.ts'

/** The checks of each service, in the order in which their findings are to be fixed. */
export const serviceChecks: readonly ServiceCheck[] = [
  podLabels,
  serviceWorkloads,
  serviceSelector,
  ports,
  portConflicts,
  serviceInjection,
  waypoint,
  subsets,
  destinationRules,
  routeCoverage,
  virtualServices,
  routes,
  headerForwarding,
  mtls,
  headless,
  sessionAffinity,
  autoscaling,
  disruptionBudgets,
  capacity,
]

/** The checks of each namespace. */
export const namespaceChecks: readonly NamespaceCheck[] = [namespaceInjection, workloadServices]
