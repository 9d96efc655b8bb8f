import { CanaryError } from '../../../objects/canary-error.ts'
import { requestTimeoutOf } from './request-timeout.ts'
import { overriddenCluster, overriddenUser, type KubectlFlags } from './flags.ts'
import {
  readKubeconfig,
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigContext,
  type KubeconfigUser,
} from './kubeconfig.ts'
import type { Login, Surroundings } from './login.ts'
import { readPodLogin } from './pod-login.ts'

/**
 * The server and the user that kubectl would take for the same flags, files and environment (client-go,
 * clientcmd).
 */
export async function readLogin(flags: KubectlFlags, surroundings: Surroundings): Promise<Login> {
  refuseHalfIdentity(flags)
  const timeout = flags.requestTimeout === undefined ? 0 : requestTimeoutOf(flags.requestTimeout)
  const config = await readKubeconfig(flags.kubeconfig, surroundings.env, surroundings.parseYaml)
  const chosen = chosenOf(config, flags)
  const inPod = await readPodLogin(surroundings, flags)
  if (!chosen.cluster.server && inPod !== undefined)
    return { ...inPod, timeout, namespace: flags.namespace ?? inPod.namespace }
  return {
    ...loginOf(chosen, config),
    timeout,
    namespace: flags.namespace ?? (chosen.context.namespace || inPod?.namespace || 'default'),
  }
}

function refuseHalfIdentity({ as, asGroups, asUid }: KubectlFlags): void {
  if ((asGroups?.length || asUid) && !as)
    throw new CanaryError('usage', '--as-group and --as-uid need --as', {
      hints: ['Name the user to act as: --as USER.'],
    })
}

/** The login of a kubeconfig; without a cluster it is that of kubectl's default server. */
function loginOf(
  { clusterName, cluster, user, contextName, userName }: Chosen,
  config: Kubeconfig,
): Omit<Login, 'timeout' | 'namespace'> {
  const isConfigured = Boolean(cluster.server)
  if (!isConfigured && config.clusters.has(clusterName)) {
    throw new CanaryError('unreadable', `kubeconfig: cluster ${clusterName} has no server`, {
      hints: [`Looked in ${config.files.join(', ')}.`],
    })
  }
  return {
    server: serverUrl(cluster, user),
    cluster,
    user,
    context: contextName,
    userName,
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

function chosenOf(config: Kubeconfig, flags: KubectlFlags): Chosen {
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

/**
 * A server without a scheme is https where anything is said about certificates (client-go,
 * rest.DefaultServerURL).
 */
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

function unconfiguredHints({ files, contexts, currentContext }: Kubeconfig): readonly string[] {
  if (contexts.size > 0 && currentContext === '')
    return [
      `The kubeconfig has no current context: choose one with --context (${[...contexts.keys()].join(', ')}).`,
    ]
  return [
    `No cluster is configured (looked in ${files.join(', ') || 'no file'}): set KUBECONFIG, or give --kubeconfig or --server.`,
  ]
}
