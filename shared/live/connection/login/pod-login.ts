import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { overriddenCluster, overriddenUser, type KubectlFlags } from './flags.ts'
import type { Login, Surroundings } from './login.ts'

/** Where the kubelet puts it (client-go, rest.InClusterConfig). */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The service account of the pod that this runs in, with the flags over it; undefined outside a pod. Upstream's
 * `loadFromCluster` asks neither whether there is a token nor for POD_NAMESPACE, and takes http for some ports.
 */
export function readPodLogin(
  { env, serviceAccountFolder: folder = serviceAccountFolder }: Surroundings,
  flags: KubectlFlags,
): Login | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, POD_NAMESPACE } = env
  const tokenFile = join(folder, 'token')
  if (!host || !port || !isFile(tokenFile)) return undefined
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  const cluster = { name: '', server, skipTLSVerify: false, caFile: join(folder, 'ca.crt') }
  const namespace = textOf(join(folder, 'namespace'))
  // Here only a token, an authority and who to act as can be given otherwise.
  const { certificateAuthority, tlsServerName, token, as, asUid, asGroups } = flags
  return {
    server,
    cluster: overriddenCluster(cluster, { certificateAuthority, tlsServerName }),
    user: overriddenUser({ name: '', tokenFile }, { token, as, asUid, asGroups }),
    context: '',
    userName: "the pod's service account",
    namespace: POD_NAMESPACE || namespace.trim() || 'default',
    timeout: 0,
    hints: [],
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Empty where it cannot be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
