import type { IncomingMessage } from 'node:http'
import { CanaryError } from '../../objects/canary-error.ts'
import type { ApiRequest, Connection } from './connection.ts'
import { credentialsOf } from './credentials/credentials.ts'
import type { Proof } from './credentials/proof.ts'
import { readPem } from './credentials/read-pem.ts'
import { statusError, transportError, type LoginContext } from './failure.ts'
import { flagsText, type KubectlFlags } from './login/flags.ts'
import type { Login, Surroundings } from './login/login.ts'
import { readLogin } from './login/read-login.ts'
import { bodyOf, readAnswer } from './read-answer.ts'
import { send, type ConnectionParts } from './send.ts'
import { proxyFor } from './transport/proxy.ts'
import { Transport } from './transport/transport.ts'

/**
 * The connection that kubectl would make for the same flags, files and environment. Nothing is sent before
 * the first request.
 */
export async function connect(flags: KubectlFlags, surroundings: Surroundings): Promise<Connection> {
  const login = await readLogin(flags, surroundings)
  const server = new URL(login.server)
  const isTls = server.protocol === 'https:'
  const { cluster } = login
  const skipVerify = cluster['insecure-skip-tls-verify'] === true
  const readAuthority = async (): Promise<string | undefined> =>
    isTls ? readPem(cluster['certificate-authority-data'], cluster['certificate-authority']) : undefined
  const authority = await readAuthority()
  if (isTls && skipVerify && authority !== undefined) {
    throw new CanaryError(
      'unreadable',
      'kubeconfig: the cluster has both insecure-skip-tls-verify and a certificate authority',
      { hints: ['Remove one of them.'] },
    )
  }
  const proxy = proxyFor(server, cluster['proxy-url'], surroundings.env)
  const parts: ConnectionParts = {
    readAuthority,
    transport: new Transport({
      server,
      proxy,
      authority,
      skipVerify,
      serverName: cluster['tls-server-name'],
    }),
    // As kubectl: no credentials over a connection that anybody can read.
    credentials: credentialsOf(isTls ? login.user : {}, {
      env: surroundings.env,
      isInteractive: surroundings.isInteractive ?? false,
      server: login.server,
      cluster,
    }),
    server: login.server,
    ...(surroundings.onAnswer && { onAnswer: surroundings.onAnswer }),
    headers: {
      'user-agent': 'kubectl-canary',
      ...(cluster['disable-compression'] ? {} : { 'accept-encoding': 'gzip' }),
      ...impersonation(login.user),
    },
  }
  return connectionOf(parts, { login, flags: flagsText(flags) })
}

function connectionOf(parts: ConnectionParts, asker: LoginContext): Connection {
  const { login } = asker
  let lastProof: Proof = {}
  const exchange = async <T>(
    asked: ApiRequest,
    isStream: boolean,
    read: (answer: IncomingMessage) => Promise<T> | T,
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
    stream: asked =>
      exchange(asked, true, answer => ({
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        body: bodyOf(answer),
      })),
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

function impersonation({
  as: user,
  'as-uid': uid,
  'as-groups': groups,
  'as-user-extra': extra,
}: Login['user']): Readonly<Record<string, string | string[]>> {
  if (!user) return {}
  return {
    'impersonate-user': user,
    ...(uid && { 'impersonate-uid': uid }),
    ...(groups?.length && { 'impersonate-group': [...groups] }),
    // Keys may hold what a header name may not (client-go, transport.headerKeyEscape).
    ...Object.fromEntries(
      Object.entries(extra ?? {}).map(([key, values]) => [
        `impersonate-extra-${encodeURIComponent(key)}`,
        [...values],
      ]),
    ),
  }
}
