import { formatPath } from '../../../shared/objects/paths.ts'
import type { RouteRef } from '../../../shared/routing/request/decision.ts'
import { formatUrl } from '../../../shared/trial/asked-request.ts'
import type { Trial } from '../../../shared/trial/trial.ts'
import { formatUnmet } from './considered.ts'

/** A trial as data, as docs/try-output.schema.json has it. */
export function trialDataOf(trial: Trial): object {
  const { asked, caller, decision, shares, mirrors, bypass } = trial
  const {
    kind,
    reason,
    considered,
    route,
    isPassedThrough: _p,
    isOpaque,
    destinations: _d,
    unknownWeight,
    ...effects
  } = decision
  const { mirrors: _m, status, ...rest } = effects
  return {
    request: {
      method: asked.method,
      url: formatUrl(asked),
      headers: { ...(asked.authority !== undefined && { host: asked.authority }), ...asked.headers },
      ...(asked.claims !== undefined && { claims: asked.claims }),
    },
    caller: {
      kind: caller.proxy.kind,
      namespace: caller.proxy.namespace,
      labels: caller.proxy.labels,
      ...(caller.gateway !== undefined && { gateway: caller.gateway }),
      ...(caller.workload !== undefined && { workload: caller.workload }),
    },
    kind,
    ...(reason !== undefined && { reason }),
    ...(status !== undefined && { status }),
    ...(bypass !== undefined && { bypass }),
    ...waypointData(trial),
    ...passedData(trial),
    ...(isOpaque && { isOpaque: true }),
    ...(unknownWeight !== undefined && { unknownWeight }),
    ...(route !== undefined && { route: routeData(route) }),
    ...marksOf(trial),
    shares,
    mirrors,
    considered: considered.map(({ route: other, unmet }) => ({
      ...routeData(other),
      unmet: { ...unmet, text: formatUnmet(unmet) },
    })),
    effects: rest,
  }
}

/** The cohort of the route, and what refuses its object. */
const marksOf = ({ cohort, rejected }: Trial): object => ({
  ...(cohort !== undefined && { cohort }),
  ...(rejected !== undefined && { rejected }),
})

/** A request that nothing in the mesh takes, and the Gateways not in view that may take it. */
function passedData({ unseen, isServiceUnknown, decision: { isPassedThrough } }: Trial): object {
  if (unseen !== undefined) return { unseenGateways: unseen }
  if (isServiceUnknown === true) return { isServiceUnknown }
  return isPassedThrough ? { leavesMesh: true } : {}
}

const waypointData = ({ isAtWaypoint }: Trial): object => (isAtWaypoint === undefined ? {} : { isAtWaypoint })

const routeData = ({ object, place, name }: RouteRef): object => ({
  object,
  path: formatPath(place),
  ...(name !== undefined && { name }),
})
