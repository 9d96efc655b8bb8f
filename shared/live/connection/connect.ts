import { CanaryError } from '../../objects/canary-error.ts'
import { proxyFor } from '../corrections/environment-proxy.ts'
import { impersonation } from '../corrections/impersonation.ts'
import { providerAsker } from '../corrections/oidc/oidc-provider.ts'
import { readAuthority } from '../corrections/read-authority.ts'
import type { ApiRequest, Connection } from './connection.ts'
import { credentialsOf, type Proof } from './credentials.ts'
import { statusError, transportError, type LoginContext } from './failure.ts'
import { flagsText, type KubectlFlags } from './login/flags.ts'
import type { Login, Surroundings } from './login/login.ts'
import { readLogin } from './login/read-login.ts'
import { bodyOf, readAnswer } from './read-answer.ts'
import { send, type ConnectionParts } from './send.ts'
import type { AnswerHead } from '../transport/pool.ts'
import { Transport } from '../transport/transport.ts'

/**
 * The connection that kubectl would make for the same flags, files and environment. Nothing is sent before
 * the first request.
 */
export async function connect(flags: KubectlFlags, surroundings: Surroundings): Promise<Connection> {
  const login = await readLogin(flags, surroundings)
  const parts = await partsOf(login, surroundings)
  return connectionOf(parts, { login, flags: flagsText(flags) })
}

async function partsOf(login: Login, surroundings: Surroundings): Promise<ConnectionParts> {
  const { env, onAnswer } = surroundings
  const { cluster, user } = login
  const server = new URL(login.server)
  const isTls = server.protocol === 'https:'
  const readAuthorityNow = async (): Promise<string | undefined> =>
    isTls ? readAuthority(cluster.caData, cluster.caFile) : undefined
  const authority = await readAuthorityNow()
  if (isTls && cluster.skipTLSVerify && authority !== undefined) {
    throw new CanaryError(
      'unreadable',
      'kubeconfig: the cluster has both insecure-skip-tls-verify and a certificate authority',
      { hints: ['Remove one of them.'] },
    )
  }
  return {
    readAuthority: readAuthorityNow,
    transport: new Transport({
      server,
      proxy: proxyFor(server, cluster.proxyUrl, env),
      authority,
      skipVerify: cluster.skipTLSVerify,
      serverName: cluster.tlsServerName,
      isHttp1: Boolean(env['DISABLE_HTTP2']),
    }),
    // As kubectl: no credentials over a connection that anybody can read.
    credentials: credentialsOf(isTls ? user : { name: '' }, {
      env,
      get isInteractive() {
        return surroundings.isInteractive ?? false
      },
      server: login.server,
      cluster,
      askProvider: providerAsker(env),
    }),
    server: login.server,
    ...(onAnswer && { onAnswer }),
    headers: {
      'user-agent': 'kubectl-canary',
      ...(cluster.disableCompression ? {} : { 'accept-encoding': 'gzip' }),
      ...impersonation(user),
    },
  }
}

function connectionOf(parts: ConnectionParts, asker: LoginContext): Connection {
  const { login } = asker
  let lastProof: Proof = {}
  const exchange = async <T>(
    asked: ApiRequest,
    isStream: boolean,
    read: (answer: AnswerHead) => Promise<T> | T,
  ): Promise<T> => {
    try {
      const { answer, proof } = await send(parts, asked, {
        isStream,
        signal: deadline(asked.signal, login.timeout),
      })
      lastProof = proof
      return await read(answer)
    } catch (error) {
      if (asked.signal?.aborted) throw asked.signal.reason
      throw transportError(error, asker)
    }
  }
  return {
    server: login.server,
    context: login.context,
    namespace: login.namespace,
    flags: asker.flags,
    request: asked => exchange(asked, false, answer => readAnswer(answer, login.server)),
    stream: asked => exchange(asked, true, answer => ({ ...answer, body: bodyOf(answer) })),
    refusal: ({ status, text }, about = {}) =>
      statusError({ status, text, proof: lastProof, ...about }, asker),
    close: () => parts.transport.close(),
  }
}

function deadline(signal: AbortSignal | undefined, timeout: number): AbortSignal | undefined {
  if (timeout === 0) return signal
  const late = AbortSignal.timeout(timeout)
  return signal === undefined ? late : AbortSignal.any([signal, late])
}
