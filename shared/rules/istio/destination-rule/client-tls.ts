import type { Path } from '../../rule.ts'
import type { Fault } from '../fault.ts'

export interface ClientTls {
  readonly mode?: string
  readonly clientCertificate?: string
  readonly privateKey?: string
  readonly caCertificates?: string
  readonly caCrl?: string
  readonly credentialName?: string
  readonly subjectAltNames?: readonly string[]
  readonly insecureSkipVerify?: boolean | null
}

/** What is wrong with the TLS settings of a client. */
export function* checkClientTls(tls: ClientTls, namespace: string, path: Path): Iterable<Fault> {
  const { mode, credentialName = '', subjectAltNames = [], insecureSkipVerify } = tls
  const has = (key: 'clientCertificate' | 'privateKey' | 'caCertificates' | 'caCrl'): boolean =>
    (tls[key] ?? '') !== ''
  const verifies = mode === 'SIMPLE' || mode === 'MUTUAL'
  if (credentialName.startsWith('configmap://'))
    yield* checkConfigMap(credentialName, namespace, [...path, 'credentialName'])
  if (
    insecureSkipVerify === true
    && verifies
    && (has('caCertificates') || subjectAltNames.length > 0 || (mode === 'SIMPLE' && credentialName !== ''))
  ) {
    yield {
      path: [...path, 'insecureSkipVerify'],
      message:
        'may not stand beside caCertificates, subjectAltNames or credentialName, which verify the server',
    }
  }
  if (verifies && credentialName !== '') {
    const file = (['clientCertificate', 'caCertificates', 'privateKey', 'caCrl'] as const).find(has)
    if (file !== undefined)
      yield { path: [...path, file], message: `${file} may not stand beside credentialName` }
  } else if (mode === 'MUTUAL') {
    for (const key of ['clientCertificate', 'privateKey'] as const) {
      if (!has(key)) yield { path, message: `mutual TLS needs ${key}, or a credentialName`, about: key }
    }
  }
}

function* checkConfigMap(credentialName: string, namespace: string, path: Path): Iterable<Fault> {
  const [of = '', name = ''] = credentialName.slice('configmap://'.length).split('/')
  if (of !== namespace || name === '')
    yield { path, message: `a ConfigMap is named configmap://${namespace}/NAME, in this namespace` }
}
