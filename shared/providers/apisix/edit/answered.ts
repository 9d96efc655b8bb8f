import { CanaryError } from '../../../objects/canary-error.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import type { Turn } from '../../../routing/provider.ts'
import type { EntryPoint } from '../../../routing/traffic.ts'

/**
 * Throws a CanaryError `refused` where a plan would leave rules without a backend that can get requests: these
 * would be answered with 503.
 */
export function requireAnswered({ before, after }: Turn): void {
  const known = new Set(before.traffic.entryPoints.flatMap(failingAt).map(({ key }) => key))
  const first = after.traffic.entryPoints.flatMap(failingAt).find(({ key }) => !known.has(key))
  if (first === undefined) return
  const { name, namespace } = after.service
  throw new CanaryError(
    'refused',
    `requests of ${first.where} to ${name} would be answered with 503: ${reasons[first.fault] ?? first.fault}`,
    { hints: [`kubectl canary status ${name} -n ${namespace} shows the backends that are left.`] },
  )
}

const reasons: Readonly<Record<string, string>> = {
  'unknown-backend': 'the Services of its backends are not there',
  'unknown-port': 'the Services of its backends do not have the ports that it names',
}

interface Failing {
  readonly key: string
  readonly where: string
  readonly fault: string
}

const failingAt = ({ ref, splits, cohorts }: EntryPoint): readonly Failing[] => [
  ...splits.flatMap(({ shares, takes }) => {
    const fault = shares.find(share => share.percent > 0 && share.fault !== undefined)?.fault
    const where = `${keyOf(ref)}${takes === '' ? '' : ` (${takes})`}`
    return fault === undefined ? [] : [{ key: `${keyOf(ref)} ${takes}`, where, fault }]
  }),
  ...cohorts.flatMap(({ name, fault }) =>
    fault === undefined ? [] : [{ key: `${keyOf(ref)} ${name}`, where: `cohort ${name}`, fault }],
  ),
]
