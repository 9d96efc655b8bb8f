import { CanaryError } from '../../objects/canary-error.ts'

/**
 * Throws `usage` unless each mirror is a percentage that a proxy can keep to: from 0 to 100, with at most four
 * decimals. Istio's percentage is a double, of which Envoy counts millionths (translatePercentToFractionalPercent in
 * pilot/pkg/networking/core/route/route.go).
 */
export function checkMirrors(mirrors: ReadonlyMap<string, number>): void {
  for (const [version, percent] of mirrors) {
    const fault = faultOf(percent)
    if (fault === undefined) continue
    throw new CanaryError('usage', `the mirrored percentage of ${version} is ${fault}: ${percent}`, {
      hints: ['It is a number from 0 to 100 with at most four decimals; 0 ends the mirror.'],
    })
  }
}

function faultOf(percent: number): string | undefined {
  if (percent < 0) return 'negative'
  if (percent > 100) return 'above 100'
  return Number(percent.toFixed(4)) === percent ? undefined : 'too fine'
}
