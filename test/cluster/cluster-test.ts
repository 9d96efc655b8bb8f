/**
 * Tests that need a real API server. Where none can be had they are skipped with a line that says how to get one; with CI=true
 * they fail instead. A cluster starts when its first test runs and goes with the process. Files in one process take theirs in turn.
 *
 *     clusterTest('refuses weights that do not add up', async cluster => { … })
 *     const guarded = clusterTests({ controllerManager: true, needs: ['helm4'] })
 *     guarded('uninstalls cleanly', async cluster => { … })
 */
import { test, type TestContext } from 'node:test'
import { AssetsMissing, ensureAssets } from './assets.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterOptions } from './control-plane.ts'
import { clusterFor } from './shared-clusters.ts'
import type { ToolName } from './tools/tools.ts'

/** The cluster of a group of tests, and the programs that they run beside it. */
export interface ClusterTestOptions extends ClusterOptions {
  readonly needs?: readonly ToolName[]
}

/** One test on a cluster; the title is a sentence. */
export type ClusterTest = (
  title: string,
  body: (cluster: Cluster, context: TestContext) => Promise<void>,
) => void

/** Makes tests that share one cluster of their own: no other call's tests see what they do to it. */
export function clusterTests({ needs = [], ...options }: ClusterTestOptions = {}): ClusterTest {
  let started: Promise<Cluster> | undefined
  const users = { waiting: 0 }
  const start = async () => {
    await ensureAssets(needs)
    return clusterFor(options, users)
  }
  return (title, body) => {
    users.waiting++
    void test(title, async context => {
      try {
        const cluster = await orSkip(context, () => (started ??= start()))
        if (cluster) await body(cluster, context)
      } finally {
        users.waiting--
      }
    })
  }
}

/** A test on a cluster that all have who import this: Istio's kinds, no controllers; a file with `clusterTests()` takes less time, as it need not start one. Names of what is cluster-wide must not clash. */
export const clusterTest: ClusterTest = clusterTests()

/** For tests that start clusters themselves: what `start` gives, or nothing where the test has been skipped. */
export async function orSkip<Started>(
  context: TestContext,
  start: () => Promise<Started>,
): Promise<Started | undefined> {
  try {
    return await start()
  } catch (error) {
    if (!(error instanceof AssetsMissing) || process.env['CI'] === 'true') throw error
    context.skip(error.message)
    return undefined
  }
}
