import type { KubeconfigCluster, KubeconfigUser } from './kubeconfig.ts'

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
export function overriddenCluster(cluster: KubeconfigCluster, flags: KubectlFlags): KubeconfigCluster {
  const {
    'certificate-authority': _file,
    'certificate-authority-data': _data,
    'insecure-skip-tls-verify': _skip,
    ...withoutAuthority
  } = cluster
  const { 'tls-server-name': _name, ...withoutName } =
    flags.insecureSkipTlsVerify || flags.certificateAuthority ? withoutAuthority : cluster
  const name = flags.server || flags.tlsServerName ? flags.tlsServerName : cluster['tls-server-name']
  return {
    ...withoutName,
    ...(flags.server && { server: flags.server }),
    ...(flags.insecureSkipTlsVerify && { 'insecure-skip-tls-verify': true }),
    ...(flags.certificateAuthority && { 'certificate-authority': flags.certificateAuthority }),
    ...(name && { 'tls-server-name': name }),
  }
}

/** A kubeconfig's user with the flags over it. */
export function overriddenUser(user: KubeconfigUser, flags: KubectlFlags): KubeconfigUser {
  const {
    'client-certificate': certificate,
    'client-certificate-data': certificateData,
    'client-key': key,
    'client-key-data': keyData,
    tokenFile,
    ...others
  } = user
  return {
    ...others,
    ...(flags.token ? { token: flags.token } : given({ tokenFile })),
    ...(flags.clientCertificate
      ? { 'client-certificate': flags.clientCertificate }
      : given({ 'client-certificate': certificate, 'client-certificate-data': certificateData })),
    ...(flags.clientKey
      ? { 'client-key': flags.clientKey }
      : given({ 'client-key': key, 'client-key-data': keyData })),
    ...given({ as: flags.as, 'as-uid': flags.asUid }),
    ...(flags.asGroups?.length && { 'as-groups': flags.asGroups }),
  }
}

/** The fields that have a text. */
const given = <K extends string>(
  fields: Readonly<Record<K, string | undefined>>,
): { readonly [F in K]?: string } =>
  Object.fromEntries(Object.entries(fields).filter(([, text]) => text)) as { readonly [F in K]?: string }
