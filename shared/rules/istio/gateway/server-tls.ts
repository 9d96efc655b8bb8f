import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'

interface Certificate {
  readonly serverCertificate?: string
  readonly privateKey?: string
}
export interface ServerTls extends Certificate {
  readonly mode?: string
  readonly httpsRedirect?: boolean
  readonly caCertificates?: string
  readonly caCrl?: string
  readonly credentialName?: string
  readonly credentialNames?: readonly string[]
  readonly tlsCertificates?: readonly Certificate[]
  readonly subjectAltNames?: readonly string[]
}

const sources = [
  'serverCertificate',
  'privateKey',
  'caCertificates',
  'tlsCertificates',
  'credentialName',
  'credentialNames',
] as const

/**
 * What is wrong with the TLS settings of a server. What Istio merely ignores, such as unknown ciphers, is not
 * judged.
 */
export function* checkServerTls(tls: ServerTls, path: Path): Iterable<Fault> {
  const { mode = 'PASSTHROUGH' } = tls
  if (mode === 'ISTIO_MUTUAL') yield* checkNoSource(tls, path)
  else {
    yield* checkOneSource(tls, path)
    yield* checkMode(tls, mode, path)
  }
}

/** The mesh brings the certificates. */
function* checkNoSource(tls: ServerTls, path: Path): Iterable<Fault> {
  for (const key of sources.filter(key => isSet(tls[key]))) {
    yield {
      path: [...path, key],
      message: `${key} cannot be used with mode ISTIO_MUTUAL, which has certificates of its own`,
      about: '',
    }
  }
}

function* checkOneSource(tls: ServerTls, path: Path): Iterable<Fault> {
  const given = [
    ...(isSet(tls.serverCertificate) && isSet(tls.privateKey) ? ['serverCertificate with privateKey'] : []),
    ...(['credentialName', 'credentialNames', 'tlsCertificates'] as const).filter(key => isSet(tls[key])),
  ]
  if (given.length > 1)
    yield {
      path,
      message: `the certificate must come from one source, not from ${given.join(' and ')}`,
      about: given.join(),
    }
}

/** What the mode needs, and what it has no use for. */
function* checkMode(tls: ServerTls, mode: string, path: Path): Iterable<Fault> {
  const terminates = ['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL'].includes(mode)
  if (terminates && (isSet(tls.credentialName) || isSet(tls.credentialNames))) return
  if (terminates) yield* checkCertificates(tls, mode, path)
  if (!isSet(tls.caCrl)) return
  const at = [...path, 'caCrl']
  if (isSet(tls.credentialName))
    yield { path: at, message: 'cannot be used with credentialName, which has its own', about: '' }
  if (mode === 'SIMPLE')
    yield {
      path: at,
      message: 'has no effect with mode SIMPLE, which asks no client for a certificate',
      about: '',
    }
}

function* checkCertificates(tls: ServerTls, mode: string, path: Path): Iterable<Fault> {
  if (mode !== 'SIMPLE' && !isSet(tls.caCertificates)) {
    yield { path, message: `mode ${mode} needs caCertificates, or a credentialName`, about: 'caCertificates' }
  }
  const { tlsCertificates = [] } = tls
  const pairs: readonly (readonly [Certificate, Path])[] =
    tlsCertificates.length === 0
      ? [[tls, path]]
      : tlsCertificates.map((certificate, i) => [certificate, [...path, 'tlsCertificates', i]])
  for (const [certificate, at] of pairs) {
    for (const key of ['serverCertificate', 'privateKey'] as const) {
      if (!isSet(certificate[key]))
        yield { path: at, message: `mode ${mode} needs ${key}, or a credentialName`, about: key }
    }
  }
}

const isSet = (value: string | readonly unknown[] | undefined): boolean =>
  value !== undefined && value.length > 0
