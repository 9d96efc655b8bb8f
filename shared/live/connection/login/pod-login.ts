import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { overriddenCluster, overriddenUser, type KubectlFlags } from './flags.ts'
import type { Login, Surroundings } from './login.ts'

/** Where the kubelet puts it (client-go, rest.InClusterConfig). */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The service account of the pod that this runs in, with the flags over it; undefined outside a pod. */
export async function readPodLogin(
  surroundings: Surroundings,
  flags: KubectlFlags,
): Promise<Login | undefined> {
  const login = await podLogin(surroundings)
  return login === undefined ? undefined : { ...login, ...overrides(login, flags) }
}

async function podLogin({
  env,
  serviceAccountFolder: folder = serviceAccountFolder,
}: Surroundings): Promise<Login | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, POD_NAMESPACE } = env
  const tokenFile = join(folder, 'token')
  if (!host || !port || !(await isFile(tokenFile))) return undefined
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

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    stats => stats.isFile(),
    () => false,
  )

/** In a pod only a server, a token, an authority and who to act as can be given otherwise. */
function overrides(login: Login, flags: KubectlFlags): Partial<Login> {
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
