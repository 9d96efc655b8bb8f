import { CanaryError } from '../../../objects/canary-error.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import type { Turn } from '../../../routing/provider.ts'
import type { EntryPoint, Share } from '../../../routing/traffic.ts'

/**
 * Throws a CanaryError `refused` where a plan would send requests that were answered to a backend that is not valid:
 * these would be answered with 500.
 */
export function requireAnswered({ before, after }: Turn): void {
  const known = new Set(before.traffic.entryPoints.flatMap(failingAt))
  const [first] = after.traffic.entryPoints.flatMap(point =>
    failingAt(point).flatMap(key => (known.has(key) ? [] : [{ point, key }])),
  )
  if (first === undefined) return
  const { ref, splits, cohorts } = first.point
  const share = [
    ...splits.flatMap(({ shares }) => shares),
    ...cohorts.flatMap(({ shares = [] }) => shares),
  ].find(each => isFailing(each) && first.key.endsWith(` ${each.version} ${each.fault}`))
  throw new CanaryError(
    'refused',
    `requests to version ${share?.version ?? 'named'} of ${after.service.name} by ${ref.kind} ${ref.namespace}/${ref.name} would be answered with 500 (${share?.fault ?? 'unknown-backend'})`,
    { hints: hints[share?.fault ?? ''] ?? [] },
  )
}

const hints: Readonly<Record<string, readonly string[]>> = {
  'ungranted-reference': [
    'Allow the route to refer to that Service with a ReferenceGrant in the namespace of the Service, then repeat this command.',
  ],
  'unknown-port': ['Give that Service the port, then repeat this command.'],
}

const isFailing = ({ percent, fault }: Share): boolean => percent > 0 && fault !== undefined

const failingAt = ({ ref, splits, cohorts, idle }: EntryPoint): readonly string[] =>
  idle !== undefined
    ? []
    : [
        ...splits.flatMap(({ shares, takes }) =>
          shares.filter(isFailing).map(({ version, fault }) => `${keyOf(ref)} ${takes} ${version} ${fault}`),
        ),
        ...cohorts.flatMap(({ name, to, fault }) =>
          fault === undefined ? [] : [`${keyOf(ref)} ${name} ${to} ${fault}`],
        ),
      ]
