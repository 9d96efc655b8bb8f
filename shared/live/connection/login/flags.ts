import type { KubeCluster, KubeUser } from '../../corrections/entries.ts'

/** kubectl's global flags. */
export interface KubectlFlags {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly cluster?: string | undefined
  readonly user?: string | undefined
  readonly namespace?: string | undefined
  readonly as?: string | undefined
  readonly asGroups?: readonly string[] | undefined
  readonly asUid?: string | undefined
  /** As kubectl reads it: `30`, `1s`, `2m`; `0` for no limit. */
  readonly requestTimeout?: string | undefined
  readonly server?: string | undefined
  readonly token?: string | undefined
  readonly insecureSkipTlsVerify?: boolean | undefined
  readonly certificateAuthority?: string | undefined
  readonly clientCertificate?: string | undefined
  readonly clientKey?: string | undefined
  readonly tlsServerName?: string | undefined
}

/**
 * The flags that choose the cluster and the user, as they are written on a command line, each with a space
 * before it.
 */
export function flagsText(flags: KubectlFlags): string {
  const given: readonly (readonly [string, string | undefined])[] = [
    ['kubeconfig', flags.kubeconfig],
    ['context', flags.context],
    ['cluster', flags.cluster],
    ['user', flags.user],
    ['server', flags.server],
    ['as', flags.as],
    ...(flags.asGroups ?? []).map(group => ['as-group', group] as const),
    ['as-uid', flags.asUid],
  ]
  return given
    .filter(([, value]) => value)
    .map(([name, value]) => ` --${name} ${quoted(value!)}`)
    .join('')
}

const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/**
 * A kubeconfig's cluster with the flags over it: `--server` also drops the file's tls-server-name,
 * `--insecure-skip-tls-verify` its authority.
 */
export function overriddenCluster(cluster: KubeCluster, flags: KubectlFlags): KubeCluster {
  const { server, tlsServerName, certificateAuthority: caFile } = flags
  const skipTLSVerify = flags.insecureSkipTlsVerify === true
  return {
    ...cluster,
    ...(server && { server }),
    ...((server || tlsServerName) && { tlsServerName }),
    ...((skipTLSVerify || caFile) && { skipTLSVerify, caFile, caData: undefined }),
  } as KubeCluster
}

/** A kubeconfig's user with the flags over it. */
export const overriddenUser = (user: KubeUser, flags: KubectlFlags): KubeUser =>
  ({
    ...user,
    ...(flags.token && { token: flags.token, tokenFile: undefined }),
    ...(flags.clientCertificate && { certFile: flags.clientCertificate, certData: undefined }),
    ...(flags.clientKey && { keyFile: flags.clientKey, keyData: undefined }),
    ...(flags.as && { impersonateUser: flags.as }),
    ...(flags.asUid && { impersonateUid: flags.asUid }),
    ...(flags.asGroups?.length && { impersonateGroups: flags.asGroups }),
  }) as KubeUser
