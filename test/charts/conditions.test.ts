import assert from 'node:assert/strict'
import { clusterTests } from '../cluster/cluster-test.ts'
import { until, type Cluster } from '../cluster/cluster.ts'
import { startRecorder, type Recorder } from './recorder.ts'

const real = clusterTests({ controllerManager: true, needs: ['helm4'] })

const virtualService = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: shop }
spec: { hosts: [shop], http: [{ route: [{ destination: { host: shop } }] }] }
`
const service = `
apiVersion: v1
kind: Service
metadata: { name: shop }
spec: { selector: { app: shop }, ports: [{ name: http, port: 80 }] }
`
const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  replicas: 0
  selector: { matchLabels: { app: shop } }
  template: { metadata: { labels: { app: shop } }, spec: { containers: [{ name: shop, image: shop }] } }
`

interface ConditionStage {
  readonly cluster: Cluster
  readonly namespace: string
  readonly recorder: Recorder
  /** Runs kubectl in the namespace and returns what the webhook was asked. */
  readonly asks: (args: string, stdin?: string) => Promise<readonly string[]>
}

function conditionTest(title: string, body: (stage: ConditionStage) => Promise<void>): void {
  real(title, async cluster => {
    const namespace = await cluster.namespace()
    await using recorder = await startRecorder(cluster)
    const asks = async (args: string, stdin = ''): Promise<readonly string[]> => {
      const { code, stderr } = await cluster.kubectl(['-n', namespace, ...args.split(' ')], { stdin })
      assert.equal(code, 0, stderr)
      return recorder.asked()
    }
    await body({ cluster, namespace, recorder, asks })
  })
}

conditionTest(
  'is asked about a VirtualService that is made, changed or deleted, and not about its labels and annotations',
  async ({ asks }) => {
    assert.deepEqual(await asks('apply -f -', virtualService), ['CREATE virtualservices shop'])
    assert.deepEqual(
      await asks(
        'apply -f -',
        virtualService.replace(
          'name: shop }',
          'name: shop, labels: { team: shop }, annotations: { note: shop } }',
        ),
      ),
      [],
    )
    assert.deepEqual(await asks('annotate virtualservice shop z=1'), [])
    assert.deepEqual(await asks('apply -f -', virtualService.replace('hosts: [shop]', 'hosts: [other]')), [
      'UPDATE virtualservices shop',
    ])
    assert.deepEqual(await asks('delete virtualservice shop'), ['DELETE virtualservices shop'])
  },
)

conditionTest(
  "is asked when the owner of a route changes, because a controller's objects are judged otherwise",
  async ({ cluster, namespace, recorder, asks }) => {
    await asks('apply -f -', virtualService)
    const owner = { apiVersion: 'v1', kind: 'Namespace', name: 'default', uid: 'x', controller: true }
    await cluster.expect(
      `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices/shop?dryRun=All`,
      {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { metadata: { ownerReferences: [owner] } },
      },
    )
    assert.deepEqual(recorder.asked(), ['UPDATE virtualservices shop'])
  },
)

conditionTest(
  'is asked about each object of a deletecollection',
  async ({ cluster, namespace, recorder, asks }) => {
    await asks('apply -f -', virtualService)
    await asks('apply -f -', virtualService.replace('name: shop }', 'name: other }'))
    await cluster.expect(`/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices`, {
      method: 'DELETE',
    })
    assert.deepEqual(recorder.asked().toSorted(), [
      'DELETE virtualservices other',
      'DELETE virtualservices shop',
    ])
  },
)

conditionTest('is not asked about what is being deleted', async ({ cluster, namespace, recorder, asks }) => {
  await asks(
    'apply -f -',
    virtualService.replace('name: shop }', 'name: shop, finalizers: [example.com/wait] }'),
  )
  await asks('delete virtualservice shop --wait=false')
  const edit = (body: object) =>
    cluster.expect(`/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices/shop`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body,
    })
  await edit({ spec: { hosts: ['other'] } })
  await edit({ metadata: { finalizers: [] } })
  assert.deepEqual(recorder.asked(), [])
})

for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
  conditionTest(`is asked about ${version} of the Istio API`, async ({ asks }) => {
    assert.deepEqual(await asks('apply -f -', virtualService.replace('io/v1', `io/${version}`)), [
      'CREATE virtualservices shop',
    ])
  })
}

conditionTest(
  'is asked about a Service when its selector, ports, type or visibility change, and for nothing else',
  async ({ asks }) => {
    assert.deepEqual(await asks('apply -f -', service), ['CREATE services shop'])
    assert.deepEqual(await asks('label service shop team=shop'), [])
    assert.deepEqual(await asks('patch service shop -p {"spec":{"sessionAffinity":"ClientIP"}}'), [])
    assert.deepEqual(await asks('apply -f -', service.replace('name: http', 'name: web')), [
      'UPDATE services shop',
    ])
    assert.deepEqual(await asks('patch service shop -p {"spec":{"selector":{"version":"v1"}}}'), [
      'UPDATE services shop',
    ])
    assert.deepEqual(await asks('annotate service shop networking.istio.io/exportTo=.'), [
      'UPDATE services shop',
    ])
    assert.deepEqual(await asks('patch service shop -p {"spec":{"type":"NodePort"}}'), [
      'UPDATE services shop',
    ])
    assert.deepEqual(await asks('delete service shop'), ['DELETE services shop'])
  },
)

/** Waits until a controller writes no more of its object: a patch that comes between two of its writes is reviewed anew. */
async function settled({ cluster, namespace }: ConditionStage, resource: string): Promise<void> {
  let [before, quiet]: [string | undefined, number] = [undefined, 0]
  await until('its controller has done its work', async () => {
    const { metadata, status } = (await cluster.expect(
      `/apis/apps/v1/namespaces/${namespace}/${resource}/shop`,
    )) as {
      readonly metadata: { readonly resourceVersion: string; readonly generation: number }
      readonly status: { readonly observedGeneration?: number }
    }
    const isQuiet = status.observedGeneration === metadata.generation && metadata.resourceVersion === before
    before = metadata.resourceVersion
    quiet = isQuiet ? quiet + 1 : 0
    return quiet === 3
  })
}

for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet']) {
  const resource = `${kind.toLowerCase()}s`
  const text = deployment
    .replace('kind: Deployment', `kind: ${kind}`)
    .replace(/ {2}replicas: 0\n/, kind === 'DaemonSet' ? '' : '  replicas: 0\n')
  conditionTest(
    `is asked about a ${kind} when its template's labels change or the pods that it keeps back, not when its image does`,
    async stage => {
      const asks = async (args: string, stdin?: string): Promise<readonly string[]> => {
        await settled(stage, resource)
        return stage.asks(args, stdin)
      }
      assert.deepEqual(await stage.asks('apply -f -', text), [`CREATE ${resource} shop`])
      assert.deepEqual(await asks('apply -f -', text.replace('image: shop', 'image: other')), [])
      if (kind !== 'DaemonSet') assert.deepEqual(await asks(`scale ${kind} shop --replicas=1`), [])
      const zero = `patch ${kind} shop -p {"spec":{"replicas":0}}`
      if (kind !== 'DaemonSet') {
        assert.deepEqual(await asks(`scale ${kind} shop --replicas=2`), [])
        assert.deepEqual(await asks(`scale ${kind} shop --replicas=0`), [`UPDATE ${resource}/scale shop`])
        assert.deepEqual(await asks(`scale ${kind} shop --replicas=0`), [])
        assert.deepEqual(await asks(`scale ${kind} shop --replicas=1`), [])
        assert.deepEqual(await asks(zero), [`UPDATE ${resource} shop`])
        assert.deepEqual(await asks(zero), [])
      }
      assert.deepEqual(await asks(`annotate ${kind} shop x=y`), [])
      const whichPods =
        kind === 'Deployment'
          ? { paused: true }
          : { updateStrategy: { type: 'OnDelete', rollingUpdate: null } }
      assert.deepEqual(await asks(`patch ${kind} shop -p ${JSON.stringify({ spec: whichPods })}`), [
        `UPDATE ${resource} shop`,
      ])
      assert.deepEqual(
        await asks('apply -f -', text.replace('labels: { app: shop }', 'labels: { app: shop, version: v1 }')),
        [`UPDATE ${resource} shop`],
      )
      assert.deepEqual(await asks(`delete ${kind} shop`), [`DELETE ${resource} shop`])
    },
  )
}

conditionTest(
  'is not asked in kube-system, in its own namespace, and in namespaces that opted out',
  async ({ cluster, recorder }) => {
    await cluster.request('/api/v1/namespaces', {
      method: 'POST',
      body: { metadata: { name: 'guard-system' } },
    })
    const out = await cluster.namespace({ 'kubectl-canary/guard': 'disabled' })
    assert.deepEqual(recorder.asked(), [`CREATE namespaces ${out}`])
    for (const namespace of ['kube-system', 'guard-system', out]) {
      await cluster.apply(service, { namespace })
      await cluster.apply(virtualService, { namespace })
    }
    assert.deepEqual(recorder.asked(), [])
  },
)

conditionTest(
  'is not asked by the controllers that clean up',
  async ({ cluster, namespace, asks, recorder }) => {
    await asks('apply -f -', virtualService)
    const users = [
      'system:serviceaccount:kube-system:generic-garbage-collector',
      'system:serviceaccount:kube-system:namespace-controller',
      'system:kube-controller-manager',
    ]
    for (const user of users) {
      const { code, stderr } = await cluster.kubectl([
        '-n',
        namespace,
        'delete',
        'virtualservice',
        'shop',
        '--dry-run=server',
        '--as',
        user,
        '--as-group',
        'system:masters',
      ])
      assert.equal(code, 0, stderr)
    }
    assert.deepEqual(recorder.asked(), [])
  },
)

conditionTest('a namespace full of objects is deleted', async ({ cluster, namespace, asks }) => {
  for (const text of [virtualService, service, deployment]) await asks('apply -f -', text)
  await cluster.expect(`/api/v1/namespaces/${namespace}`, { method: 'DELETE' })
  await until(
    'the namespace is gone',
    async () => (await cluster.request(`/api/v1/namespaces/${namespace}`)).status === 404,
  )
})
