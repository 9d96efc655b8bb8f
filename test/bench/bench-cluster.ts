import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { AssetsMissing, ensureAssets } from '../cluster/assets.ts'
import { startCluster } from '../cluster/cluster.ts'

const root = join(import.meta.dirname, '../..')

/** A real API server with the example, and `kubectl-canary` in a folder for the PATH; undefined, with a line that says why, where none is to be had. */
export async function startSandbox(
  bin: string,
): Promise<
  | (AsyncDisposable & { readonly kubeconfig: string; readonly kubectl: string; readonly namespace: string })
  | undefined
> {
  try {
    const { kubectl } = await ensureAssets(['kubectl'])
    const cluster = await startCluster({ crds: ['istio'] })
    const namespace = 'istioinaction'
    await cluster.expect('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: namespace } } })
    const { code, stderr } = await cluster.kubectl(['apply', '-f', join(root, 'examples/catalog')])
    if (code !== 0) throw new Error(stderr)
    await symlink(join(root, 'dist/kubectl-canary.js'), join(bin, 'kubectl-canary'))
    return {
      kubeconfig: cluster.kubeconfig,
      kubectl,
      namespace,
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    }
  } catch (error) {
    if (!(error instanceof AssetsMissing)) throw error
    console.log(`(no real API server: ${error.message})`)
    return undefined
  }
}
