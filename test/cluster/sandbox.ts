/** A cluster to try the plugin on: `npm run sandbox [folder of manifests]`, until Ctrl-C. */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { AssetsMissing, ensureAssets } from './assets.ts'
import { startCluster, type Cluster } from './cluster.ts'
import { makePodsReady } from './ready-pods.ts'

const examples = process.argv[2] ?? join(import.meta.dirname, '../../examples/catalog')

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function load(cluster: Cluster, folder: string): Promise<void> {
  if (!existsSync(folder)) return say(`(no folder ${folder}: the cluster is empty)`)
  const namespaces = new Set(['default'])
  for (let attempt = 0; attempt < 10; attempt++) {
    const { code, stdout, stderr } = await cluster.kubectl(['apply', '-f', folder])
    if (code === 0) return say(stdout.trim())
    const missing = [...stderr.matchAll(/namespaces "([^"]+)" not found/g)]
      .map(([, name]) => name ?? '')
      .filter(name => !namespaces.has(name))
    if (missing.length === 0) throw new Error(stderr.trim())
    for (const name of new Set(missing)) {
      namespaces.add(name)
      await cluster.expect('/api/v1/namespaces', { method: 'POST', body: { metadata: { name } } })
    }
  }
}

try {
  say('Looking for etcd, kube-apiserver, kube-controller-manager and kubectl.')
  say('What is missing is built with Go and kept: about ten minutes the first time.')
  await ensureAssets(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'])
  say('Starting an API server with the kinds of Istio and of the Gateway API: about ten seconds.')
  await using cluster = await startCluster({ controllerManager: true, crds: ['istio', 'gateway-api'] })
  say(`Applying ${relative(process.cwd(), examples) || '.'}:`)
  await load(cluster, examples)
  say(
    `\nA Kubernetes API server with Istio's kinds is running at ${cluster.url}; its pods only say that they run. In another shell:\n`,
  )
  say(`  export KUBECONFIG=${cluster.kubeconfig}\n`)
  say('Ctrl-C ends it and removes everything.')
  const alive = setInterval(() => void makePodsReady(cluster).catch(() => undefined), 1000)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(process, 'SIGHUP')])
  clearInterval(alive)
} catch (error) {
  process.stderr.write(`${error instanceof AssetsMissing ? error.message : String(error)}\n`)
  process.exitCode = 1
}
