import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { openStore } from '../../plugin/open-store.ts'
import type { MeshOverrides } from '../../shared/view/mesh.ts'
import type { Store } from '../../shared/view/store.ts'
import { ManifestsFolder } from './manifests-folder.ts'
import { MemoryStore } from './memory-store.ts'
import { runCommand, words } from './run-command.ts'

/** A Service of a cluster with another domain, and a route that says it. */
const elsewhere = `apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {selector: {app: catalog}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog, namespace: shop}
spec:
  host: catalog.shop.svc.k8s.lab
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec:
  hosts: [catalog.shop.svc.k8s.lab]
  http: [{route: [{destination: {host: catalog.shop.svc.k8s.lab, subset: v1}}]}]
`

function lab(): ManifestsFolder {
  const folder = new ManifestsFolder()
  folder.write('all.yaml', elsewhere)
  return folder
}

/** An empty cluster that keeps the settings by which it is read. */
function spyingStore(): { readonly store: Store; readonly asked: readonly (MeshOverrides | undefined)[] } {
  const [memory, asked] = [new MemoryStore([]), [] as (MeshOverrides | undefined)[]]
  const store: Store = {
    namespace: memory.namespace,
    read: ({ mesh }) => {
      asked.push(mesh)
      return memory.read()
    },
    apply: (changes, options) => memory.apply(changes, options),
    diff: changes => memory.diff(changes),
    close: () => memory.close(),
  }
  return { store, asked }
}

const verbs = [
  'status',
  'cohorts',
  'lint',
  'weight v2=10 --service catalog --dry-run=client',
  'cohort internal --to v2 --service catalog --dry-run=client',
  'promote v2 --service catalog --dry-run=client',
  'abort --service catalog --dry-run=client',
  'init --stable v1 --service catalog --dry-run=client',
]

for (const verb of verbs) {
  test(`${verb.split(' ')[0]} on files knows the cluster by the domain that a flag says`, async () => {
    using folder = lab()
    const known = await folder.run(`${verb} --cluster-domain k8s.lab`)
    assert.equal(known.code, 0, known.stderr)
    const unknown = await folder.run(verb)
    // Nobody is in a cohort, so that nothing is shown either way.
    if (verb !== 'cohorts')
      assert.notDeepEqual([unknown.code, unknown.stdout], [known.code, known.stdout], verb)
  })

  test(`${verb.split(' ')[0]} reads a cluster by the settings of the flags`, async () => {
    const { store, asked } = spyingStore()
    await runCommand(
      words(`${verb} --cluster-domain k8s.lab --root-namespace mesh --default-export-to service=.`),
      {
        store,
      },
    )
    assert.ok(asked.length > 0)
    for (const mesh of asked)
      assert.deepEqual(mesh, {
        clusterDomain: 'k8s.lab',
        rootNamespace: 'mesh',
        defaultExportTo: { service: ['.'] },
      })
  })
}

test('the nearest settings file says the settings, and flags win over it', async () => {
  using folder = lab()
  const shares = /everyone → v1 {2}100\.0 %/
  assert.doesNotMatch((await folder.run('status')).stdout, shares)
  folder.write('.kubectl-canary.yaml', 'mesh:\n  clusterDomain: k8s.lab\n')
  assert.match((await folder.run('status')).stdout, shares)
  assert.doesNotMatch((await folder.run('status --cluster-domain cluster.local')).stdout, shares)
  const below = join(folder.path, 'below')
  mkdirSync(below)
  writeFileSync(join(below, 'all.yaml'), elsewhere)
  const status = () => runCommand(words(`status -f ${below}/all.yaml`), { store: openStore })
  assert.match((await status()).stdout, shares)
  writeFileSync(join(below, '.kubectl-canary.yaml'), 'mesh: {rootNamespace: mesh}\n')
  assert.doesNotMatch((await status()).stdout, shares)
})

test('the settings of a path after lint are those of its folder', async () => {
  using folder = lab()
  folder.write('.kubectl-canary.yaml', 'mesh:\n  clusterDomain: k8s.lab\n')
  const { code, stdout } = await runCommand(words(`lint ${folder.path}/all.yaml`), { store: openStore })
  assert.deepEqual([code, stdout], [0, ''])
})

test('a settings file above the root of the git repository does not count', async () => {
  using folder = new ManifestsFolder()
  folder.write('.kubectl-canary.yaml', 'mesh: {clusterDomain: k8s.lab}\n')
  const repository = join(folder.path, 'repository')
  mkdirSync(join(repository, '.git'), { recursive: true })
  writeFileSync(join(repository, 'all.yaml'), elsewhere)
  const { stdout } = await runCommand(words(`status -f ${repository}`), { store: openStore })
  assert.doesNotMatch(stdout, /everyone → v1 {2}100\.0 %/)
})

for (const [text, message] of [
  ['kubeconfig: /home/me/.kube/config\n', /: kubeconfig cannot be set here/],
  ['context: production\n', /: context cannot be set here/],
  ['mesh: {context: production}\n', /: unknown key mesh\.context\n/],
  ['clusterDomain: k8s.lab\n', /: unknown key clusterDomain, which belongs under mesh\n/],
  ['mesh: {clusterDomain: 3}\n', /: mesh\.clusterDomain must be a DNS name\n/],
  ['mesh: {defaultExportTo: {pod: [.]}}\n', /: unknown key mesh\.defaultExportTo\.pod\n/],
  ['mesh: {defaultExportTo: all}\n', /: mesh\.defaultExportTo must be a list/],
  ['[mesh]\n', /: must be a mapping\n/],
] as const) {
  test(`a settings file with ${JSON.stringify(text)} is one usage error`, async () => {
    using folder = lab()
    folder.write('.kubectl-canary.yaml', text)
    for (const verb of ['status', 'lint', 'weight v2=10']) {
      const { code, stdout, stderr } = await folder.run(verb)
      assert.deepEqual([code, stdout], [2, ''], stderr)
      assert.match(stderr, /^error: \S+\.kubectl-canary\.yaml/)
      assert.match(stderr, message)
    }
  })
}
