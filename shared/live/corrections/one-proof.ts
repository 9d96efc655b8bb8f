import { CanaryError } from '../../objects/canary-error.ts'
import type { KubeUser } from './entries.ts'

/**
 * The user with the one kind of proof that kubectl takes: what it has itself, and only without that a program
 * or provider. Upstream runs the program beside a certificate, and takes one of two silently where kubectl
 * refuses both. Throws a CanaryError there.
 */
export function withOneProof(user: KubeUser): KubeUser {
  const { token, username, password, exec, authProvider } = user
  if (token && (username || password)) refuse('a token and a password')
  if (exec && authProvider) refuse('an exec section and an auth-provider')
  const own = [user.certFile, user.certData, token, user.tokenFile, username, password]
  if (!own.some(Boolean)) return user
  const { exec: _, authProvider: __, ...rest } = user
  return { ...rest, ...((username || password) && { password: password ?? '' }) }
}

function refuse(pair: string): never {
  throw new CanaryError('unreadable', `kubeconfig: the user has both ${pair}`, {
    hints: ['Remove one of them.'],
  })
}

/** Data in the kubeconfig wins over the file that is beside it; upstream takes the file. */
export function withoutFilesBesideData({
  certFile,
  certData,
  keyFile,
  keyData,
  ...rest
}: KubeUser): KubeUser {
  const certificate = certData ? { certData } : certFile ? { certFile } : {}
  const key = keyData ? { keyData } : keyFile ? { keyFile } : {}
  return { ...rest, ...certificate, ...key }
}
