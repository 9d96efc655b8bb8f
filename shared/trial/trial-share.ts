import {
  statusOfFailure,
  type DecidedDestination,
  type Decision,
  type Failure,
} from '../routing/request/decision.ts'
import type { NamedDestination } from '../routing/request/request-routing.ts'
import type { Regex } from '../routing/text-test.ts'
import type { UnknownTarget } from '../routing/traffic.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { TrialRouting } from './joined-routing.ts'

/** What part of the requests goes where, or is answered without reaching anything. */
export interface TrialShare extends Partial<NamedDestination> {
  /** In full, as the proxy calls it; left out for an answer of the proxy's own. */
  readonly host?: string
  readonly subset?: string | undefined
  readonly port?: number | undefined
  /** Of the requests, in percent, not rounded. */
  readonly percent: number
  /** The answer, where none of the service comes: 503, 404, a redirect's code, an injected fault's. */
  readonly status?: number
  readonly failure?: Failure
  /** Connections of a tcp or tls route that fail: they are closed, and have no status. */
  readonly closes?: true
  /** Set where the files leave open whether the destination answers. */
  readonly unknown?: UnknownTarget
  readonly isInjected?: true
}

/** The world in which a request is tried. */
export interface TrialWorld {
  readonly view: ClusterView
  readonly provider: TrialRouting
  readonly namespace: string
  /** A linear engine that compiles each pattern once. */
  readonly regex: Regex
  /** Whether what is not in view does not exist. */
  readonly complete: boolean
}

/** Who gets what of such requests: an injected answer first, then the destinations. */
export function sharesOf(world: TrialWorld, decision: Decision): readonly TrialShare[] {
  const { kind, destinations, fault, isPassedThrough } = decision
  if (kind === 'none') return decision.reason === 'no-listener' ? [] : [{ percent: 100, status: 404 }]
  if (isPassedThrough) return []
  const aborted = fault?.abort?.percent ?? 0
  const injected: readonly TrialShare[] =
    aborted === 0 ? [] : [{ percent: aborted, status: fault?.abort?.httpStatus ?? 503, isInjected: true }]
  const rest = 100 - aborted
  if (kind !== 'route') return [...injected, { percent: rest, status: answerOf(decision) }]
  return [
    ...injected,
    ...destinations.map(each => ({
      ...shareOf(world, each, decision.isOpaque),
      percent: (each.percent * rest) / 100,
    })),
  ]
}

/** The status of an answer of the proxy's own. */
const answerOf = ({ kind, redirect, status }: Decision): number =>
  kind === 'redirect' ? (redirect?.code ?? 301) : (status ?? 200)

/** One destination as a share; `isOpaque` of connections. */
export function shareOf(
  { view, provider, complete }: TrialWorld,
  destination: DecidedDestination,
  isOpaque: boolean,
): TrialShare {
  const { host, subset, port, percent, failure, unknown } = destination
  const outcome = isOpaque ? { closes: true as const } : failure && { status: statusOfFailure(failure) }
  return {
    ...provider.named(view, { host, subset }, { complete }),
    host,
    subset,
    port,
    percent,
    ...(failure !== undefined && { failure, ...outcome }),
    ...(unknown !== undefined && { unknown }),
  }
}
