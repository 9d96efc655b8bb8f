import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CanaryError } from '../../../objects/canary-error.ts'
import type { ParseYaml } from '../../../view/mesh.ts'
import { requestTimeoutOf } from './duration.ts'
import {
  readKubeconfig,
  type Environment,
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigContext,
  type KubeconfigUser,
} from './kubeconfig.ts'

/** kubectl's global flags. */
export interface Flags {
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

/** What surrounds the program and decides which cluster is meant. */
export interface Surroundings {
  readonly env: Environment
  readonly parseYaml: ParseYaml
  /** Whether a person sits at stdin, whom a credential program may ask. */
  readonly isInteractive?: boolean
  /** Where a pod finds its service account. */
  readonly serviceAccountFolder?: string
}

/** Which server, and as whom. */
export interface Login {
  /** A URL without a slash at its end. */
  readonly server: string
  readonly cluster: KubeconfigCluster
  readonly user: KubeconfigUser
  /** The context's name; empty where there is none. */
  readonly context: string
  readonly userName: string
  readonly namespace: string
  /** Milliseconds; 0 is no limit. */
  readonly timeout: number
  /** Where the server comes from, if it cannot be reached. */
  readonly hints: readonly string[]
}

/** Where the kubelet puts it (client-go, rest.InClusterConfig). */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The server and the user that kubectl would take for the same flags, files and environment (client-go, clientcmd). */
export async function readLogin(flags: Flags, surroundings: Surroundings): Promise<Login> {
  if ((flags.asGroups?.length || flags.asUid) && !flags.as)
    throw new CanaryError('usage', '--as-group and --as-uid need --as', {
      hints: ['Name the user to act as: --as USER.'],
    })
  const timeout = flags.requestTimeout === undefined ? 0 : requestTimeoutOf(flags.requestTimeout)
  const config = await readKubeconfig(flags.kubeconfig, surroundings.env, surroundings.parseYaml)
  const chosen = chosenOf(config, flags)
  const inPod = await podLogin(surroundings)
  const isConfigured = Boolean(chosen.cluster.server)
  if (!isConfigured && inPod !== undefined)
    return {
      ...inPod,
      ...inPodOverrides(inPod, flags),
      timeout,
      namespace: flags.namespace ?? inPod.namespace,
    }
  if (!isConfigured && config.clusters.has(chosen.clusterName)) {
    throw new CanaryError('unreadable', `kubeconfig: cluster ${chosen.clusterName} has no server`, {
      hints: [`Looked in ${config.files.join(', ')}.`],
    })
  }
  return {
    server: serverUrl(chosen.cluster, chosen.user),
    cluster: chosen.cluster,
    user: chosen.user,
    context: chosen.contextName,
    userName: chosen.userName,
    namespace: flags.namespace ?? (chosen.context.namespace || inPod?.namespace || 'default'),
    timeout,
    hints: isConfigured ? [] : unconfiguredHints(config),
  }
}

interface Chosen {
  readonly contextName: string
  readonly context: KubeconfigContext
  readonly clusterName: string
  readonly cluster: KubeconfigCluster
  readonly userName: string
  readonly user: KubeconfigUser
}

function chosenOf(config: Kubeconfig, flags: Flags): Chosen {
  const contextName = flags.context || config.currentContext
  const context = named(config, 'contexts', contextName) ?? {}
  const clusterName = flags.cluster || context.cluster || ''
  const userName = flags.user || context.user || ''
  const cluster =
    (flags.cluster ? named(config, 'clusters', clusterName) : config.clusters.get(clusterName)) ?? {}
  const user = (flags.user ? named(config, 'users', userName) : config.users.get(userName)) ?? {}
  return {
    contextName,
    context,
    clusterName,
    cluster: overriddenCluster(cluster, flags),
    userName,
    user: overriddenUser(user, flags),
  }
}

function named<K extends 'contexts' | 'clusters' | 'users'>(
  config: Kubeconfig,
  kind: K,
  name: string,
): (Kubeconfig[K] extends ReadonlyMap<string, infer T> ? T : never) | undefined {
  if (name === '') return undefined
  const found = config[kind].get(name)
  if (found === undefined) {
    const there = [...config[kind].keys()]
    throw new CanaryError('not-found', `kubeconfig: ${kind.slice(0, -1)} ${name} does not exist`, {
      hints: [
        `Looked in ${config.files.join(', ')}.`,
        there.length === 0
          ? `There are no ${kind} in it.`
          : `There ${there.length === 1 ? 'is' : 'are'} ${there.join(', ')}.`,
      ],
    })
  }
  return found as never
}

/** Flags over the file: `--server` also drops the file's tls-server-name, `--insecure-skip-tls-verify` its authority. */
function overriddenCluster(cluster: KubeconfigCluster, flags: Flags): KubeconfigCluster {
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

function overriddenUser(user: KubeconfigUser, flags: Flags): KubeconfigUser {
  const {
    'client-certificate': certificate,
    'client-certificate-data': certificateData,
    'client-key': key,
    'client-key-data': keyData,
    ...rest
  } = user
  const { tokenFile, ...others } = rest
  return {
    ...(flags.token
      ? { ...others, token: flags.token }
      : { ...others, ...(tokenFile !== undefined && { tokenFile }) }),
    ...(flags.clientCertificate
      ? { 'client-certificate': flags.clientCertificate }
      : {
          ...(certificate && { 'client-certificate': certificate }),
          ...(certificateData && { 'client-certificate-data': certificateData }),
        }),
    ...(flags.clientKey
      ? { 'client-key': flags.clientKey }
      : { ...(key && { 'client-key': key }), ...(keyData && { 'client-key-data': keyData }) }),
    ...(flags.as && { as: flags.as }),
    ...(flags.asUid && { 'as-uid': flags.asUid }),
    ...(flags.asGroups?.length && { 'as-groups': flags.asGroups }),
  }
}

/** A server without a scheme is https where anything is said about certificates (client-go, rest.DefaultServerURL). */
function serverUrl(
  { server = 'http://localhost:8080', ...cluster }: KubeconfigCluster,
  user: KubeconfigUser,
): string {
  const isTls =
    cluster['certificate-authority']
    || cluster['certificate-authority-data']
    || cluster['insecure-skip-tls-verify']
    || user['client-certificate']
    || user['client-certificate-data']
  const text = /^[a-z]+:\/\//i.test(server) ? server : `${isTls ? 'https' : 'http'}://${server}`
  if (!URL.canParse(text) || !/^https?:/i.test(text))
    throw new CanaryError('unreadable', `kubeconfig: server ${server} is not a URL`)
  const { origin, pathname } = new URL(text)
  return (origin + pathname).replace(/\/+$/, '')
}

async function podLogin({
  env,
  serviceAccountFolder: folder = serviceAccountFolder,
}: Surroundings): Promise<Login | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, POD_NAMESPACE } = env
  const tokenFile = join(folder, 'token')
  if (
    !host
    || !port
    || !(await stat(tokenFile).then(
      stats => stats.isFile(),
      () => false,
    ))
  )
    return undefined
  const namespace =
    POD_NAMESPACE
    || (await readFile(join(folder, 'namespace'), 'utf8').then(
      text => text.trim(),
      () => '',
    ))
    || 'default'
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    cluster: { 'certificate-authority': join(folder, 'ca.crt') },
    user: { tokenFile },
    context: '',
    userName: "the pod's service account",
    namespace,
    timeout: 0,
    hints: [],
  }
}

/** In a pod only a server, a token, an authority and who to act as can be given otherwise. */
function inPodOverrides(login: Login, flags: Flags): Partial<Login> {
  const cluster = overriddenCluster(login.cluster, {
    certificateAuthority: flags.certificateAuthority,
    tlsServerName: flags.tlsServerName,
  })
  return {
    cluster,
    user: overriddenUser(login.user, {
      token: flags.token,
      as: flags.as,
      asUid: flags.asUid,
      asGroups: flags.asGroups,
    }),
  }
}

function unconfiguredHints({ files, contexts, currentContext }: Kubeconfig): readonly string[] {
  if (contexts.size > 0 && currentContext === '')
    return [
      `The kubeconfig has no current context: choose one with --context (${[...contexts.keys()].join(', ')}).`,
    ]
  return [
    `No cluster is configured (looked in ${files.join(', ') || 'no file'}): set KUBECONFIG, or give --kubeconfig or --server.`,
  ]
}
