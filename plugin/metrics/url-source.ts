import { readText } from '../../shared/files/read-text.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { PrometheusReply, PrometheusSource } from '../../shared/metrics/prometheus/prometheus-api.ts'
import type { PrometheusServer } from '../flags/prometheus-flags.ts'

type ProxyEnvironment = Readonly<Record<string, string | undefined>>

/**
 * A Prometheus by its URL. Throws `unreadable` for a file of credentials or certificates that cannot be read; a token is
 * read again for each request, as it may be renewed.
 */
export async function urlSource(server: PrometheusServer, env: ProxyEnvironment): Promise<PrometheusSource> {
  const [authority] = await Promise.all([textOf(server.authorityFile), authorization(server)])
  const { openOtherServer } = await import('../../shared/live/open-cluster.ts')
  const { url, skipVerify } = server
  const opened = openOtherServer({ url, authority, skipVerify, env })
  return {
    name: url.href.replace(/\/$/, ''),
    send: async ({ method, path, form, signal }) => {
      const isPost = method === 'POST'
      const proof = await authorization(server)
      const answer = await opened
        .request({
          method,
          path: isPost || form === '' ? path : `${path}?${form}`,
          body: isPost ? form : undefined,
          headers: {
            ...(proof !== undefined && { authorization: proof }),
            ...(isPost && { 'content-type': 'application/x-www-form-urlencoded' }),
          },
          signal,
        })
        .catch((error: unknown) => {
          throw said(error)
        })
      return replyOf(answer)
    },
  }
}

/** The answer with the headers that matter. */
export function replyOf({
  status,
  headers,
  text,
}: {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}): PrometheusReply {
  const header = (name: string): string => [headers[name] ?? ''].flat().join(', ')
  const location = header('location')
  return { status, contentType: header('content-type'), text, ...(location !== '' && { location }) }
}

async function authorization({
  basic,
  tokenFile,
  basicAuthFile,
}: PrometheusServer): Promise<string | undefined> {
  if (basic !== undefined) return basicOf(`${basic.user}:${basic.password}`)
  if (basicAuthFile !== undefined) {
    const pair = (await textOf(basicAuthFile))!.trim()
    if (/^[^:\n]*:[^\n]*$/.test(pair)) return basicOf(pair)
    throw new CanaryError('unreadable', `${basicAuthFile} does not hold USER:PASSWORD`, {
      hints: ['Write one line with the name, a colon and the password.'],
    })
  }
  return tokenFile === undefined ? undefined : `Bearer ${(await textOf(tokenFile))!.trim()}`
}

const basicOf = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`

async function textOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  return readText(file).catch((error: unknown) => {
    throw new CanaryError('unreadable', `${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
      hints: ['Correct the --prometheus-… flag that names it.'],
    })
  })
}

/** What went wrong in words; an address with several records fails with an error that has none. */
function said(error: unknown): unknown {
  const { message, code } = error as NodeJS.ErrnoException
  if (message) return error
  const [first] = error instanceof AggregateError ? (error.errors as readonly Error[]) : []
  return new Error(first?.message ?? code ?? 'no connection', { cause: error })
}
