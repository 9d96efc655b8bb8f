import type { StringMatch } from '../../../objects/virtual-service.ts'
import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { faultAt, portFault } from '../names.ts'

export interface RedirectSpec {
  readonly uri?: string
  readonly prefixRewrite?: string
  readonly authority?: string
  readonly port?: number
  readonly derivePort?: string
  readonly scheme?: string
  readonly redirectCode?: number
}

/** What is wrong with a redirect; Istio names the first fault only. */
export function* checkRedirect(
  redirect: RedirectSpec,
  matches: readonly { readonly uri?: StringMatch }[],
  path: Path,
): Iterable<Fault> {
  const { uri = '', prefixRewrite = '', port = 0 } = redirect
  if (uri !== '' && prefixRewrite !== '')
    yield { path, message: 'a redirect can have uri or prefixRewrite, not both', about: '' }
  if (
    prefixRewrite !== ''
    && matches.some(match => match.uri !== undefined && match.uri.prefix === undefined)
  ) {
    yield { path: [...path, 'prefixRewrite'], message: 'prefixRewrite needs matches on a uri prefix' }
  }
  if (!changesRequest(redirect))
    yield { path, message: 'a redirect must change the uri, authority, scheme or port', about: '' }
  yield* faultAt([...path, 'redirectCode'], codeFault(redirect))
  yield* faultAt([...path, 'scheme'], schemeFault(redirect))
  if (port > 0) yield* faultAt([...path, 'port'], portFault(port))
}

const changesRequest = ({ port, derivePort, ...texts }: RedirectSpec): boolean =>
  port !== undefined
  || derivePort !== undefined
  || (['uri', 'prefixRewrite', 'authority', 'scheme'] as const).some(key => (texts[key] ?? '') !== '')

/** 0 stands for the default, 301. */
const codeFault = ({ redirectCode = 0 }: RedirectSpec): string | undefined =>
  redirectCode === 0 || (redirectCode >= 300 && redirectCode <= 399)
    ? undefined
    : `${redirectCode} is not a redirect: 300 to 399`

const schemeFault = ({ scheme = '' }: RedirectSpec): string | undefined =>
  ['', 'http', 'https'].includes(scheme) ? undefined : `the scheme must be http or https, not ${scheme}`
