import type { Ref } from '../../../shared/objects/kube-object.ts'
import type { ServiceFigures } from '../../../shared/metrics/service-figures.ts'
import type { Order, RolloutStatus } from '../../../shared/rollout/rollout-state.ts'
import type { StageTraffic } from '../../../shared/rollout/stage-traffic.ts'
import type { ControllerState } from '../../../shared/routing/controller.ts'
import type { Traffic } from '../../../shared/routing/traffic.ts'
import type { DeploymentRollout } from '../../../shared/workloads/deployment-rollouts.ts'
import type { ChangeSummary } from '../../../shared/view/history.ts'
import type { Paint } from '../colour.ts'
import type { Canvas } from '../status/fit.ts'

/** How the services are shown. */
export interface TrafficStyle extends Canvas {
  readonly paint: Paint
  readonly wide: boolean
  readonly now: Date
  /** Readiness is known: not on files. */
  readonly live: boolean
}

/** What a rule finds on an object of a service. */
export interface ServiceFinding {
  readonly rule: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Where in the object, as `spec.http[0].route[0]`. */
  readonly path: string
  readonly message: string
}

/** The traffic of a service, and what the rules find about it. */
export interface ServiceStatus extends Omit<Traffic, 'notes'> {
  /** Sentences. */
  readonly notes: readonly string[]
  /** Those of them that say which callers or routes are not covered; left out where all are. */
  readonly uncovered?: readonly string[]
  readonly findings: readonly ServiceFinding[]
  /** The routing objects that a tool applies from elsewhere; left out where there are none. */
  readonly appliedBy?: readonly AppliedObject[]
  /** The last change that is recorded of the service; left out where none is, or it may not be read. */
  readonly changed?: LastChange
  /** The run of the service, in progress or over since a day; left out where there is none. */
  readonly run?: ServiceRun
  /** The controller that owns its rollout, and how far that is; left out where there is none. */
  readonly controller?: ControllerState
  /** The rollouts of its Deployments in progress; left out where there are none. */
  readonly rollouts?: readonly DeploymentRollout[]
  /** The live figures; left out where no Prometheus answers. */
  readonly metrics?: ServiceFigures
}

/** The last change of a service, as its history has it. */
export type LastChange = Pick<ChangeSummary, 'revision' | 'title' | 'at' | 'by' | 'reason'> & {
  /** False while it is being made, and where it was interrupted. */
  readonly finished: boolean
}

/** A run of a service: the delivery of a version, judged by metrics. */
export interface ServiceRun {
  readonly id: string
  readonly version: string
  readonly status: RolloutStatus
  /** The routing API that was chosen with `--provider`; left out where none was. */
  readonly provider?: string
  /** From 1. */
  readonly step: number
  readonly steps: number
  /** What the version gets at this step. */
  readonly traffic?: StageTraffic
  /** Failed checks, and how many of them send everything back to stable. */
  readonly failures: number
  readonly threshold: number
  /** RFC 3339. */
  readonly started: string
  readonly by?: string
  readonly paused?: Order
  /** What keeps it from the next step. */
  readonly held?: string
  readonly why?: string
  readonly ended?: string
  /** The routing objects whose routes are others than the run has set, by kind, namespace and name; left out where none are. */
  readonly changed?: readonly string[]
  /** Whether a process is running it; left out where it is over. */
  readonly attended?: boolean
}

/** A routing object that Argo CD, Flux or Helm applies. */
export interface AppliedObject {
  readonly object: Ref
  readonly tool: string
  /** `the Application shop` */
  readonly owner: string
}
