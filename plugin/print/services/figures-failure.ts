import type { FailedSource, PrometheusFailure } from '../../../shared/metrics/prometheus/prometheus-api.ts'
import { escaped } from '../../../shared/objects/text/escaped.ts'

/** Why there are no live figures, and what to do. */
export function formatFiguresFailure({ source, reason, message, known }: FailedSource): string {
  const hint = known === 'named' ? named[reason] : found[reason]
  return escaped(`no live figures: ${source}: ${message}${hint === undefined ? '' : `; ${hint}`}`)
}

type Hints = Readonly<Partial<Record<PrometheusFailure['reason'], string>>>

const named: Hints = {
  unreachable: 'check the URL of --prometheus',
  'not-prometheus': 'check the URL of --prometheus: a login page or another program may have answered',
  unauthorized: 'pass --prometheus-token-file or --prometheus-basic-auth-file',
  forbidden: 'pass a token or a password that may query it',
}

const found: Hints = {
  unreachable: 'check that its pods run',
  forbidden: 'grant get on services/proxy, or pass --prometheus URL',
  unauthorized: 'name it with --prometheus URL and --prometheus-token-file',
  'not-prometheus': 'name the right one with --prometheus URL, or pass --prometheus none',
  timeout: 'pass --prometheus none to do without',
}
