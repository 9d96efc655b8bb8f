import { readYaml } from '../../../read-yaml.ts'
import type { Session } from '../../../session.ts'
import { nameOfCluster } from './demo-namespace.ts'

/** What the end of the demo on files says of the demo on a cluster. */
export type OfferLive = () => Promise<string>

/** Long enough for a cluster far away, short enough for one that is switched off. */
const timeLimit = '2s'

/**
 * Looks for a cluster with Istio's kinds while the demo is played; only its list of kinds is read. A cluster
 * whose credentials come from a program is not asked: that might open a browser.
 */
export function offerLive(session: Session): OfferLive {
  const found = istioCluster(session).catch(() => undefined)
  return async () => {
    const name = await found
    return name === undefined
      ? 'On a cluster with Istio, kubectl canary demo --live plays the same in a namespace of its own.'
      : `Your cluster ${name} has Istio: kubectl canary demo --live plays the same there, in a namespace of its own.`
  }
}

async function istioCluster(session: Session): Promise<string | undefined> {
  const { flags } = session
  if (await needsProgram(session)) return undefined
  const store = await session.open({
    ...flags,
    connection: { ...flags.connection, requestTimeout: timeLimit },
  })
  const answer = await store.request?.({ path: '/apis/networking.istio.io' })
  return answer?.status === 200 && store.cluster !== undefined ? nameOfCluster(store.cluster) : undefined
}

/** Whether a program would be started for credentials; also where the kubeconfig names no user. */
async function needsProgram({ flags: { connection }, streams }: Session): Promise<boolean> {
  const { readKubeconfig } = await import('../../../../shared/live/connection/login/kubeconfig.ts')
  const { config } = await readKubeconfig(connection.kubeconfig, streams.env, readYaml)
  const context = config.getContextObject(connection.context ?? config.getCurrentContext())
  const user = config.getUser(connection.user ?? context?.user ?? '')
  return user === null || Reflect.get(user, 'exec') !== undefined || user.authProvider !== undefined
}
