import { KubeConfig } from '@kubernetes/client-node/dist/config.js'

/**
 * Several kubeconfigs as one: the first to name something wins, the current context included. Upstream
 * (`mergeConfig`) takes the last current context and throws where two files name the same thing.
 */
export function firstFileWins(configs: readonly KubeConfig[]): KubeConfig {
  const merged = new KubeConfig()
  merged.currentContext = configs.find(({ currentContext }) => currentContext)?.currentContext ?? ''
  for (const config of configs) {
    for (const cluster of config.clusters)
      if (merged.getCluster(cluster.name) === null) merged.addCluster(cluster)
    for (const user of config.users) if (merged.getUser(user.name) === null) merged.addUser(user)
    for (const context of config.contexts)
      if (merged.getContextObject(context.name) === null) merged.addContext(context)
  }
  return merged
}
