/**
 * Tests that need a real API server. Where none can be had they are skipped with a line that says how to get one; with CI=true
 * they fail instead. A cluster starts when its first test runs and goes with the test file's process.
 *
 *     clusterTest('refuses weights that do not add up', async cluster => { … })
 *     const guarded = clusterTests({ controllerManager: true, needs: ['helm4'] })
 *     guarded('uninstalls cleanly', async cluster => { … })
 */
import { test, type TestContext } from 'node:test'
import { AssetsMissing, ensureAssets } from './assets.ts'
import { startCluster, type Cluster } from './cluster.ts'
import type { ClusterOptions } from './control-plane.ts'
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

/** Makes tests that share one cluster of their own, different from that of every other call. */
export function clusterTests({ needs = [], ...options }: ClusterTestOptions = {}): ClusterTest {
  let started: Promise<Cluster> | undefined
  const start = async () => {
    await ensureAssets(needs)
    return startCluster(options)
  }
  return (title, body) => {
    void test(title, async context => {
      const cluster = await orSkip(context, () => (started ??= start()))
      if (cluster) await body(cluster, context)
    })
  }
}

/** A test on the cluster that all of a file share: Istio's kinds, no controllers. Names of what is cluster-wide must not clash. */
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
