import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'

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
  const { mode, credentialName = '' } = tls
  if (credentialName.startsWith('configmap://'))
    yield* checkConfigMap(credentialName, namespace, [...path, 'credentialName'])
  if (tls.insecureSkipVerify === true && verifiesServer(tls)) {
    yield {
      path: [...path, 'insecureSkipVerify'],
      message:
        'cannot be used with caCertificates, subjectAltNames or credentialName, which verify the server',
    }
  }
  const has = (key: TlsFile): boolean => isSet(tls[key])
  if (hasServerCertificate(mode) && credentialName !== '') {
    const file = tlsFiles.find(has)
    if (file !== undefined)
      yield { path: [...path, file], message: `${file} cannot be used with credentialName` }
  } else if (mode === 'MUTUAL') {
    for (const key of ['clientCertificate', 'privateKey'] as const) {
      if (!has(key)) yield { path, message: `mutual TLS needs ${key}, or a credentialName`, about: key }
    }
  }
}

/** The settings that name a file; each is also in what credentialName names. */
const tlsFiles = ['clientCertificate', 'caCertificates', 'privateKey', 'caCrl'] as const
type TlsFile = (typeof tlsFiles)[number]

const isSet = (text: string | undefined): boolean => (text ?? '') !== ''

const hasServerCertificate = (mode: string | undefined): boolean => mode === 'SIMPLE' || mode === 'MUTUAL'

const verifiesServer = ({ mode, caCertificates, credentialName, subjectAltNames = [] }: ClientTls): boolean =>
  hasServerCertificate(mode)
  && (isSet(caCertificates) || subjectAltNames.length > 0 || (mode === 'SIMPLE' && isSet(credentialName)))

function* checkConfigMap(credentialName: string, namespace: string, path: Path): Iterable<Fault> {
  const [of = '', name = ''] = credentialName.slice('configmap://'.length).split('/')
  if (of !== namespace || name === '')
    yield { path, message: `a ConfigMap must be written as configmap://${namespace}/NAME, in this namespace` }
}
