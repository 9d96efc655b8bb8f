import { CanaryError } from '../../objects/canary-error.ts'
import type { RoutedService, ServiceVersion } from '../../routing/service.ts'

/** A version, and the share that it is to have. */
export interface Weighed {
  readonly version: ServiceVersion
  /** A whole number from 0 to 100. */
  readonly percent: number
}

/** Stable first with what the others leave. Where stable is named too, the weights must be the whole. */
export function wholeSplit(
  named: readonly Weighed[],
  stable: ServiceVersion,
  service: RoutedService,
): readonly Weighed[] {
  const others = named.filter(({ version }) => version !== stable)
  const own = named.find(({ version }) => version === stable)
  const twice = named.find(({ version }, i) => named.findIndex(other => other.version === version) !== i)
  if (twice !== undefined)
    throw new CanaryError('usage', `version ${twice.version.name} of ${service.name} is given twice`)
  const sum = others.reduce((total, { percent }) => total + percent, 0)
  if (own !== undefined && own.percent + sum !== 100) {
    throw new CanaryError(
      'usage',
      `the weights add up to ${own.percent + sum}, and with the stable version ${stable.name} named they must add up to 100`,
      {
        hints: [
          others.length === 0
            ? `Name the version that is to get a share beside it: ${stable.name} gets the remainder.`
            : `Leave ${stable.name} out: it gets the remainder.`,
        ],
      },
    )
  }
  return others.length === 0
    ? [{ version: stable, percent: 100 }]
    : [{ version: stable, percent: 100 - sum }, ...others]
}
