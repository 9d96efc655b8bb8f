import { proxyFor } from '../environment-proxy.ts'
import type { Environment } from '../exec/exec-info.ts'
import type { AskProvider, ProviderReply } from './oidc-renewal.ts'
import { readAuthority } from '../read-authority.ts'
import { Transport } from '../../transport/transport.ts'

/** Milliseconds: a provider that is slower than this is down. */
const longestAnswer = 30_000

/** Asks an OIDC provider over the environment's proxy. */
export const providerAsker =
  (env: Environment): AskProvider =>
  async (config, url, form) => {
    const server = new URL(url)
    const transport = new Transport({
      server: new URL(server.origin),
      proxy: proxyFor(server, undefined, env),
      authority: await readAuthority(
        config['idp-certificate-authority-data'],
        config['idp-certificate-authority'],
      ),
      skipVerify: false,
      serverName: undefined,
      isHttp1: true,
    })
    try {
      const body = form && new URLSearchParams(form as Record<string, string>).toString()
      const type = body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await transport.send(
        {
          method: body === undefined ? 'GET' : 'POST',
          path: server.pathname + server.search,
          headers: { accept: 'application/json', ...type },
          body,
          isStream: false,
          signal: AbortSignal.timeout(longestAnswer),
        },
        {},
      )
      const text = (await answer.body.setEncoding('utf8').toArray()).join('')
      const reply = JSON.parse(text) as ProviderReply & Readonly<Record<string, string>>
      if (answer.status === 200) return reply
      throw new Error(reply['error_description'] ?? reply['error'] ?? `status ${answer.status}`)
    } finally {
      transport.close()
    }
  }
