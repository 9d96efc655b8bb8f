import { CanaryError } from '../../../objects/canary-error.ts'
import { requestTimeoutOf } from './request-timeout.ts'
import { overriddenCluster, overriddenUser, type KubectlFlags } from './flags.ts'
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { Context } from '@kubernetes/client-node/dist/config_types.js'
import type { KubeCluster, KubeUser } from '../../corrections/entries.ts'
import { readKubeconfig, type LoadedKubeconfig } from './kubeconfig.ts'
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
  const inPod = readPodLogin(surroundings, flags)
  if (!chosen.cluster.server && inPod !== undefined)
    return { ...inPod, timeout, namespace: flags.namespace ?? inPod.namespace }
  return {
    ...loginOf(chosen, config),
    timeout,
    namespace: flags.namespace ?? (chosen.context?.namespace || inPod?.namespace || 'default'),
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
  loaded: LoadedKubeconfig,
): Omit<Login, 'timeout' | 'namespace'> {
  const isConfigured = Boolean(cluster.server)
  if (!isConfigured && loaded.config.getCluster(clusterName) !== null) {
    throw new CanaryError('unreadable', `kubeconfig: cluster ${clusterName} has no server`, {
      hints: [`Looked in ${loaded.files.join(', ')}.`],
    })
  }
  return {
    server: serverUrl(cluster, user),
    cluster,
    user,
    context: contextName,
    userName,
    hints: isConfigured ? [] : unconfiguredHints(loaded),
  }
}

interface Chosen {
  readonly contextName: string
  readonly context: Context | undefined
  readonly clusterName: string
  readonly cluster: KubeCluster
  readonly userName: string
  readonly user: KubeUser
}

const noCluster: KubeCluster = { name: '', server: '', skipTLSVerify: false }

/** Whose the credentials are; a token that is given by its flag is nobody's of the file. */
const givenBy = ({ token }: KubectlFlags, userName: string): string => (token ? '--token' : userName)

function chosenOf(loaded: LoadedKubeconfig, flags: KubectlFlags): Chosen {
  const { config } = loaded
  const contextName = flags.context || config.currentContext
  const context = named(loaded, 'contexts', contextName)
  const clusterName = flags.cluster || context?.cluster || ''
  const userName = flags.user || context?.user || ''
  const cluster = flags.cluster ? named(loaded, 'clusters', clusterName) : config.getCluster(clusterName)
  const user = flags.user ? named(loaded, 'users', userName) : config.getUser(userName)
  return {
    contextName,
    context,
    clusterName,
    cluster: overriddenCluster(cluster ?? noCluster, flags),
    userName: givenBy(flags, userName),
    user: overriddenUser(user ?? { name: '' }, flags),
  }
}

type EntryLists = Pick<KubeConfig, 'contexts' | 'clusters' | 'users'>

function named<K extends keyof EntryLists>(
  { files, config }: LoadedKubeconfig,
  kind: K,
  name: string,
): EntryLists[K][number] | undefined {
  if (name === '') return undefined
  const entries = (config as EntryLists)[kind]
  const found = entries.find(entry => entry.name === name)
  if (found !== undefined) return found
  const there = entries.map(entry => entry.name)
  throw new CanaryError('not-found', `kubeconfig: ${kind.slice(0, -1)} ${name} does not exist`, {
    hints: [
      `Looked in ${files.join(', ')}.`,
      there.length === 0
        ? `There are no ${kind} in it.`
        : `${kind[0]!.toUpperCase()}${kind.slice(1)} in it: ${there.join(', ')}.`,
    ],
  })
}

/**
 * A server without a scheme is https where anything is said about certificates (client-go,
 * rest.DefaultServerURL).
 */
function serverUrl(
  { server: written, caFile, caData, skipTLSVerify }: KubeCluster,
  { certFile, certData }: KubeUser,
): string {
  const server = written || 'http://localhost:8080'
  const isTls = caFile || caData || skipTLSVerify || certFile || certData
  const text = /^[a-z]+:\/\//i.test(server) ? server : `${isTls ? 'https' : 'http'}://${server}`
  if (!URL.canParse(text) || !/^https?:/i.test(text))
    throw new CanaryError('unreadable', `kubeconfig: server ${server} is not a URL`)
  const { origin, pathname } = new URL(text)
  return (origin + pathname).replace(/\/+$/, '')
}

function unconfiguredHints({
  files,
  config: { contexts, currentContext },
}: LoadedKubeconfig): readonly string[] {
  if (contexts.length > 0 && currentContext === '')
    return [
      `The kubeconfig has no current context: choose one with --context (${contexts.map(({ name }) => name).join(', ')}).`,
    ]
  return [
    `No cluster is configured (looked in ${files.join(', ') || 'no file'}): set KUBECONFIG, or give --kubeconfig or --server.`,
  ]
}
