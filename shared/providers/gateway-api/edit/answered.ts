import { CanaryError } from '../../../objects/canary-error.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import type { Turn } from '../../../routing/provider.ts'
import type { EntryPoint } from '../../../routing/traffic.ts'

/**
 * Throws a CanaryError `refused` where a plan would send requests that were answered to a backend that is not valid:
 * these would be answered with 500.
 */
export function requireAnswered({ before, after }: Turn): void {
  const known = new Set(before.traffic.entryPoints.flatMap(failingAt).map(({ key }) => key))
  const first = after.traffic.entryPoints.flatMap(failingAt).find(({ key }) => !known.has(key))
  if (first === undefined) return
  const { ref, version, fault } = first
  throw new CanaryError(
    'refused',
    `requests to version ${version} of ${after.service.name} by ${ref.kind} ${ref.namespace}/${ref.name} would be answered with 500 (${fault})`,
    { hints: hints[fault] ?? [] },
  )
}

const hints: Readonly<Record<string, readonly string[]>> = {
  'ungranted-reference': [
    'Allow the route to refer to that Service with a ReferenceGrant in the namespace of the Service, then repeat this command.',
  ],
  'unknown-port': ['Give that Service the port, then repeat this command.'],
}

/** Requests that are not answered. */
interface Failing extends Pick<EntryPoint, 'ref'> {
  /** The same before and after an edit: their route, what is asked or which cohort asks it, the version, and why. */
  readonly key: string
  readonly version: string
  readonly fault: string
}

function failingAt({ ref, splits, cohorts, idle }: EntryPoint): readonly Failing[] {
  if (idle !== undefined) return []
  const all = [
    ...splits.flatMap(({ shares, takes }) =>
      shares
        .filter(({ percent }) => percent > 0)
        .map(({ version, fault }) => ({ of: `split ${takes}`, version, fault })),
    ),
    ...cohorts.map(({ name, to, fault }) => ({ of: `cohort ${name}`, version: to, fault })),
  ]
  return all.flatMap(({ of, version, fault }) =>
    fault === undefined ? [] : [{ ref, key: `${keyOf(ref)} ${of} ${version} ${fault}`, version, fault }],
  )
}
