import type { KeyPair } from '../../webhook/certificate/key-pair.ts'

/** What a kubeconfig proves itself with. */
export type Credentials = KeyPair | { readonly token: string }

/** The text of a kubeconfig with one context, named `canary-test`. */
export function kubeconfigText(
  server: { readonly url: string; readonly caData: string },
  credentials: Credentials,
  namespace?: string,
): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const user =
    'token' in credentials
      ? { token: credentials.token }
      : {
          'client-certificate-data': base64(credentials.certificate),
          'client-key-data': base64(credentials.key),
        }
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'canary-test', cluster: { server: server.url, 'certificate-authority-data': server.caData } },
    ],
    users: [{ name: 'canary-test', user }],
    contexts: [
      {
        name: 'canary-test',
        context: { cluster: 'canary-test', user: 'canary-test', ...(namespace && { namespace }) },
      },
    ],
    'current-context': 'canary-test',
  }
  return `${JSON.stringify(kubeconfig, null, 2)}\n`
}
