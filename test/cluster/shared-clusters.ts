/**
 * One cluster for several test files, one after the other, where they run in one process: a start costs as much CPU time as a dozen
 * tests. Each file finds it as it was when it had started.
 */
import { startCluster, type Cluster } from './cluster.ts'
import type { ClusterOptions } from './control-plane.ts'
import type { Stored } from './etcd.ts'

/** The tests that use one cluster at a time. */
export interface ClusterUsers {
  /** How many of them have not ended. */
  waiting: number
}

interface SharedCluster {
  readonly cluster: Cluster
  /** What a cluster holds that has just started. */
  readonly stored: Stored
  users: ClusterUsers
}

const byOptions = new Map<string, SharedCluster>()

/** A cluster that looks as if it had just started; it is not stopped here, but with the process. */
export async function clusterFor(options: ClusterOptions, users: ClusterUsers): Promise<Cluster> {
  const key = JSON.stringify(options)
  const known = byOptions.get(key)
  // Those of the same file may still want it as they have left it.
  if (known !== undefined && known.users.waiting > 0) return startCluster(options)
  if (known !== undefined && (await isRestored(known))) {
    known.users = users
    return known.cluster
  }
  const cluster = await startCluster(options)
  byOptions.set(key, { cluster, stored: await cluster.stored(), users })
  return cluster
}

/** One whose API server a test has stopped is no use to anybody. */
async function isRestored({ cluster, stored }: SharedCluster): Promise<boolean> {
  try {
    await cluster.restore(stored)
    return true
  } catch {
    await cluster.stop()
    return false
  }
}
