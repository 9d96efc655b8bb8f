import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { after } from 'node:test'
import { clusterTest, clusterTests } from './cluster-test.ts'
import { until, type Cluster } from './cluster.ts'

const readerRole = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader }
rules: [{ apiGroups: [networking.istio.io], resources: [virtualservices], verbs: [get, list] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: reader }]
`

const virtualService = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec: { hosts: [catalog], http: [{ route: [{ destination: { host: catalog } }] }] }
`

const isGone = (id: number) => {
  try {
    return !process.kill(id, 0)
  } catch {
    return true
  }
}

/** What a process says of a cluster that it has started. */
interface ForeignCluster {
  readonly folder: string
  readonly kubeconfig: string
  readonly processIds: readonly number[]
}

let elsewhere: ReturnType<typeof startElsewhere> | undefined
after(async () => (await elsewhere)?.process.kill('SIGKILL'))

/** A cluster of another process, which lasts until that is killed. */
async function startElsewhere(): Promise<{
  readonly process: ChildProcess
  readonly cluster: ForeignCluster
}> {
  const script = `const { startCluster } = await import(${JSON.stringify(join(import.meta.dirname, 'cluster.ts'))})
    const { folder, kubeconfig, processIds } = await startCluster()
    process.stdout.write(JSON.stringify({ folder, kubeconfig, processIds }))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output] = (await once(child.stdout, 'data')) as [Buffer]
  return { process: child, cluster: JSON.parse(String(output)) as ForeignCluster }
}

const told = async (cluster: Cluster, words: string, kubeconfig = cluster.kubeconfig): Promise<string> =>
  (await cluster.kubectl(words.split(' '), { kubeconfig })).stdout

clusterTest(
  'a cluster that starts from what is kept of another has its kinds and roles, and is another one',
  async one => {
    const { kubeconfig } = (await (elsewhere ??= startElsewhere())).cluster
    for (const what of ['customresourcedefinitions', 'clusterroles', 'roles', 'namespaces']) {
      const names = `get ${what} -A -o jsonpath={.items[*].metadata.name}`
      assert.equal(await told(one, names), await told(one, names, kubeconfig))
    }
    const ids = 'get namespaces -o jsonpath={.items[*].metadata.uid}'
    assert.notEqual(await told(one, ids), await told(one, ids, kubeconfig))
    const authority = 'get --raw /api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'
    const certificates = (await told(one, authority, kubeconfig)).split('BEGIN CERTIFICATE').length - 1
    assert.equal(certificates, 1, 'no authority of another cluster is trusted')
  },
)

clusterTest('nothing is left of a cluster whose process was killed', async () => {
  const { process, cluster } = await (elsewhere ??= startElsewhere())
  const { processIds, folder } = cluster
  assert.deepEqual(
    { running: processIds.filter(id => !isGone(id)).length, folder: existsSync(folder) },
    { running: 3, folder: true },
  )
  process.kill('SIGKILL')
  await until(
    'its processes and its folder are gone',
    async () => processIds.every(isGone) && !existsSync(folder),
  )
})

clusterTest('kubectl reads and writes Istio objects in every version', async cluster => {
  const namespace = await cluster.namespace()
  assert.match(await cluster.apply(virtualService, { namespace }), /catalog created/)
  for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
    const { code, stdout } = await cluster.kubectl([
      'get',
      `virtualservices.${version}.networking.istio.io`,
      '-n',
      namespace,
      '-o',
      'name',
    ])
    assert.deepEqual({ code, stdout }, { code: 0, stdout: 'virtualservice.networking.istio.io/catalog\n' })
  }
})

const ofEveryKind = `
apiVersion: v1
kind: Service
metadata: { name: catalog, labels: { app: catalog }, annotations: { note: 'a < b & "c" > d', z: '', a: é } }
spec: { selector: { app: catalog }, ports: [{ port: 80, name: http }] }
---
# Nothing is in this one.
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: catalog }
spec:
  replicas: 0
  selector: { matchLabels: { app: catalog } }
  template: { metadata: { labels: { app: catalog } }, spec: { containers: [{ name: c, image: c }] } }
---
${virtualService}`

clusterTest(
  'what is applied without kubectl is stored as kubectl applies it, who may go on with it',
  async cluster => {
    const places = ['services', 'deployments.apps', 'virtualservices.networking.istio.io'].map(
      kind => `${kind}/catalog`,
    )
    const stored = async (namespace: string) => {
      const { stdout } = await cluster.kubectl([
        'get',
        ...places,
        '-n',
        namespace,
        '-o',
        'json',
        '--show-managed-fields',
      ])
      const { items } = JSON.parse(stdout.replaceAll(namespace, 'NAMESPACE')) as {
        readonly items: readonly object[]
      }
      return items.map(item =>
        JSON.stringify(item).replaceAll(
          /"(uid|resourceVersion|creationTimestamp|time|clusterIPs?)":(\["[^"]*"\]|"[^"]*")/g,
          '',
        ),
      )
    }
    const [ours, kubectls] = [await cluster.namespace(), await cluster.namespace()]
    const said = await cluster.apply(ofEveryKind, { namespace: ours })
    const { stdout } = await cluster.kubectl(['apply', '-f', '-', '-n', kubectls], { stdin: ofEveryKind })
    assert.equal(said, stdout)
    assert.deepEqual(await stored(ours), await stored(kubectls))
    // What is there already is changed, and keeps what is not in the file.
    assert.match(
      await cluster.apply(ofEveryKind.replace('hosts: [catalog]', 'hosts: [other]'), { namespace: ours }),
      /service\/catalog unchanged\n.*\n.*catalog configured/,
    )
  },
)

clusterTest('what cannot be applied is said in the words of the API server', async cluster => {
  const namespace = await cluster.namespace()
  for (const [fault, says] of [
    [virtualService.replace('hosts', 'hostz'), /strict decoding error: unknown field "spec.hostz"/],
    [virtualService.replace('VirtualService', 'VirtualServer'), /no matches for kind "VirtualServer"/],
    [virtualService.replace('hosts: [catalog]', 'hosts: catalog'), /must be of type array/],
  ] as const)
    await assert.rejects(cluster.apply(fault, { namespace }), says)
})

clusterTest('the API server says its version so that clients can parse it', async cluster => {
  const { gitVersion, major, minor } = (await cluster.expect('/version')) as Record<string, string>
  assert.deepEqual({ gitVersion, major, minor }, { gitVersion: 'v1.36.3', major: '1', minor: '36' })
})

clusterTest('a user may do only what a role allows', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(readerRole, { namespace })
  const kubeconfig = await cluster.kubeconfigFor({ name: 'reader' }, { namespace })
  assert.equal((await cluster.kubectl(['get', 'virtualservices'], { kubeconfig })).code, 0)
  const { code, stderr } = await cluster.kubectl(['get', 'deployments'], { kubeconfig })
  assert.equal(code, 1)
  assert.match(stderr, /Forbidden.*User "reader" cannot list resource "deployments"/)
})

clusterTest('an expired certificate is no credential', async cluster => {
  const kubeconfig = await cluster.kubeconfigFor(
    { name: 'late', groups: ['system:masters'] },
    { expired: true },
  )
  const { code, stderr } = await cluster.kubectl(['get', 'namespaces'], { kubeconfig })
  assert.equal(code, 1)
  assert.match(stderr, /must be logged in|Unauthorized/)
})

clusterTest('a static token proves the admin', async cluster => {
  const token = cluster.tokens.get('admin') ?? ''
  const kubeconfig = await cluster.kubeconfigFor({ name: 'admin' }, { token })
  assert.equal((await cluster.kubectl(['auth', 'can-i', '*', '*'], { kubeconfig })).stdout, 'yes\n')
})

clusterTest('objects outlive a crash of the API server', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.killApiServer()
  await assert.rejects(cluster.request('/readyz'))
  await cluster.startApiServer()
  assert.equal((await cluster.request(`/api/v1/namespaces/${namespace}`)).status, 200)
})

const withControllers = clusterTests({ controllerManager: true })

withControllers('controllers make pods of Deployments and empty deleted namespaces', async cluster => {
  const namespace = await cluster.namespace()
  const image = ['--image=none', '--replicas=2', '-n', namespace]
  assert.equal((await cluster.kubectl(['create', 'deployment', 'catalog', ...image])).code, 0)
  await until('two pods exist', async () => {
    const { items } = (await cluster.expect(`/api/v1/namespaces/${namespace}/pods`)) as { items: unknown[] }
    return items.length === 2
  })
  await cluster.expect(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' })
  await until(
    'the namespace is gone',
    async () => (await cluster.request(`/api/v1/namespaces/${namespace}`)).status === 404,
  )
})

withControllers('nothing is left of a cluster that was stopped', async cluster => {
  const ids = cluster.processIds
  assert.deepEqual({ running: ids.length, gone: ids.filter(isGone).length }, { running: 4, gone: 0 })
  await cluster.stop()
  assert.deepEqual(
    { left: ids.filter(id => !isGone(id)), folder: existsSync(cluster.folder) },
    { left: [], folder: false },
  )
})
