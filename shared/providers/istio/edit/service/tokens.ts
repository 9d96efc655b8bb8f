import { CanaryError } from '../../../../objects/canary-error.ts'
import type { Note } from '../../../../routing/note.ts'
import { entranceOf } from '../../../../routing/condition.ts'
import type { WantedCohort } from '../../../../routing/wanted.ts'
import type { IstioReading } from '../../read/reading.ts'
import { gatewaysWithoutTokens } from '../../read/ineffective.ts'

/**
 * The gateways of a service at which a cohort by the claims of tokens gets no requests, because nothing lets their
 * proxies read tokens. Throws a CanaryError `refused` where that is certain of all of them.
 */
export function tokenNotes(reading: IstioReading, { name, when }: WantedCohort): readonly Note[] {
  if (entranceOf(when) !== 'gateways') return []
  const { view, complete } = reading
  const { all, without: gateways } = gatewaysWithoutTokens(reading)
  if (gateways.length === 0) return []
  const unread = view.unread.has('RequestAuthentication')
  if (complete && !unread && gateways.length === all.length) throw withoutTokens(name, gateways)
  return [{ kind: 'no-request-authentication', cohort: name, gateways, unread }]
}

const withoutTokens = (name: string, gateways: readonly string[]): CanaryError =>
  new CanaryError(
    'refused',
    `cohort ${name} would get no requests: no RequestAuthentication lets the proxies of Gateway ${gateways.join(', ')} read tokens`,
    {
      hints: [
        'Apply a RequestAuthentication with the issuer of the tokens for those proxies first, as in https://istio.io/latest/docs/tasks/security/authentication/jwt-route/.',
      ],
    },
  )
