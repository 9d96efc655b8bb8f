import assert from 'node:assert/strict'
import { openCluster, type ClusterStore } from '../../shared/live/open-cluster.ts'
import type { KubectlFlags } from '../../shared/live/connection/login/flags.ts'
import type { CanaryError } from '../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { Change } from '../../shared/view/change.ts'
import type { VirtualService } from '../../shared/objects/virtual-service.ts'
import { clusterTests } from '../cluster/cluster-test.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { surroundings } from './folder.ts'

const clusterTest = clusterTests()

const catalog = `
apiVersion: v1
kind: Service
metadata: { name: catalog }
spec: { selector: { app: catalog }, ports: [{ name: http, port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: catalog }
spec:
  selector: { matchLabels: { app: catalog } }
  template: { metadata: { labels: { app: catalog, version: v1 } }, spec: { containers: [{ name: catalog, image: catalog }] } }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec: { hosts: [catalog], http: [{ name: base, timeout: 3s, route: [{ destination: { host: catalog, subset: v1 } }] }] }
`

async function withStore(
  cluster: Cluster,
  flags: KubectlFlags,
  use: (store: ClusterStore, warnings: readonly string[]) => Promise<void>,
): Promise<void> {
  const warnings: string[] = []
  const store = await openCluster(
    { kubeconfig: cluster.kubeconfig, ...flags },
    { ...surroundings(), onWarning: text => warnings.push(text) },
  )
  try {
    await use(store, warnings)
  } finally {
    await store.close()
  }
}

const readCatalog = async (store: ClusterStore): Promise<VirtualService> => {
  const { view } = await store.read({ namespaces: [store.namespace] })
  return view.get({ kind: 'VirtualService', namespace: store.namespace, name: 'catalog' })!
}

const withWeights = (object: VirtualService, ...weights: readonly number[]): VirtualService => ({
  ...object,
  spec: {
    ...object.spec,
    http: [
      {
        ...object.spec.http![0]!,
        route: weights.map((weight, i) => ({
          destination: { host: 'catalog', subset: `v${i + 1}` },
          weight,
        })),
      },
    ],
  },
})

const errorOf = (promise: Promise<unknown>): Promise<CanaryError> =>
  promise.then(
    () => assert.fail('no error'),
    (error: CanaryError) => error,
  )

clusterTest('reads what there is and writes what has changed, under our own field manager', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(catalog, { namespace })
  await withStore(cluster, { namespace }, async store => {
    const { view, notes } = await store.read({ namespaces: [namespace] })
    assert.deepEqual(
      [
        view.list('Service', namespace).length,
        view.list('Deployment', namespace).length,
        [...view.unread],
        notes,
      ],
      [1, 1, [], []],
    )
    assert.equal(view.list('Deployment', namespace)[0]!.spec.template?.metadata?.labels?.['version'], 'v1')
    const before = await readCatalog(store)
    assert.deepEqual(
      (await store.apply([{ before, after: withWeights(before, 90, 10) }], { dryRun: 'server' })).map(
        ({ action }) => action,
      ),
      ['configured'],
    )
    assert.deepEqual((await readCatalog(store)).spec, before.spec)
    await store.apply([{ before, after: withWeights(before, 90, 10) }], { dryRun: 'none' })
    const after = await readCatalog(store)
    assert.deepEqual(after.spec, withWeights(before, 90, 10).spec)
    assert.match(
      (
        await cluster.kubectl([
          'get',
          'virtualservice',
          'catalog',
          '-n',
          namespace,
          '-o',
          'yaml',
          '--show-managed-fields',
        ])
      ).stdout,
      /manager: kubectl-canary/,
    )
    const again = await errorOf(
      store.apply([{ before, after: withWeights(before, 50, 50) }], { dryRun: 'none' }),
    )
    assert.equal(again.code, 'conflict')
    await store.apply([{ before: after, after: before }], { dryRun: 'none' })
    assert.deepEqual((await readCatalog(store)).spec, before.spec)
  })
})

const ruleOf = (namespace: string): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'catalog', namespace },
    spec: { host: 'catalog' },
  }) as KubeObject
const rulesIn = async (store: ClusterStore, namespace: string): Promise<readonly KubeObject[]> =>
  (await store.read({ namespaces: [namespace] })).view.list('DestinationRule', namespace)

clusterTest(
  'a change that the server would refuse stops all of them before the first is made',
  async cluster => {
    const namespace = await cluster.namespace()
    await cluster.apply(catalog, { namespace })
    await withStore(cluster, { namespace }, async store => {
      const before = await readCatalog(store)
      const misspelt = { ...before, spec: { ...before.spec, htp: [] } } as KubeObject
      const begun: number[] = []
      const error = await errorOf(
        store.apply([{ after: ruleOf(namespace) }, { before, after: misspelt }], {
          dryRun: 'none',
          before: async index => begun.push(index) > 0,
        }),
      )
      assert.equal(error.code, 'rejected')
      assert.match(
        error.message,
        new RegExp(`^VirtualService ${namespace}/catalog: .*unknown field "spec.htp"$`),
      )
      assert.deepEqual([begun, await rulesIn(store, namespace)], [[], []])
    })
  },
)

clusterTest('creates and deletes, and undoes both when a later write is refused', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(catalog, { namespace })
  await withStore(cluster, { namespace }, async store => {
    const path = `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices/catalog`
    /** Somebody else's write, between the first change and the second. */
    const before = async (index: number): Promise<boolean> => {
      const body = { metadata: { labels: { touched: String(Math.random()) } } }
      if (index === 1)
        await cluster.expect(path, { method: 'PATCH', contentType: 'application/merge-patch+json', body })
      return true
    }
    const error = await errorOf(
      store.apply([{ after: ruleOf(namespace) }, await weighted(store)], { dryRun: 'none', before }),
    )
    assert.equal(error.code, 'conflict')
    assert.match(
      error.message,
      new RegExp(
        `^VirtualService ${namespace}/catalog was changed by someone else in the meantime; the changes before it \\(DestinationRule ${namespace}/catalog\\) were undone$`,
      ),
    )
    assert.deepEqual(await rulesIn(store, namespace), [])
    await store.apply([{ after: ruleOf(namespace) }], { dryRun: 'none' })
    const [made] = await rulesIn(store, namespace)
    await errorOf(store.apply([{ before: made! }, await weighted(store)], { dryRun: 'none', before }))
    const [back] = await rulesIn(store, namespace)
    assert.deepEqual((back as unknown as Specified).spec, (made as unknown as Specified).spec)
    assert.equal((await errorOf(store.apply([{ before: made! }], { dryRun: 'none' }))).code, 'conflict')
    await store.apply([{ before: back! }], { dryRun: 'none' })
    assert.deepEqual(await rulesIn(store, namespace), [])
  })
})

interface Specified {
  readonly spec: unknown
}
const weighted = async (store: ClusterStore): Promise<Change> => {
  const before = await readCatalog(store)
  return { before, after: withWeights(before, 90, 10) }
}

clusterTest("what the schema refuses is told in the server's words", async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(catalog, { namespace })
  await withStore(cluster, { namespace }, async store => {
    const before = await readCatalog(store)
    const error = await errorOf(
      store.apply([{ before, after: withWeights(before, 'many' as never) }], { dryRun: 'server' }),
    )
    assert.equal(error.code, 'rejected')
    assert.match(error.message, /"catalog" is invalid.*weight/s)
  })
})

clusterTest('a misspelt namespace is not an empty one', async cluster => {
  await withStore(cluster, { namespace: 'no-such' }, async store => {
    assert.match(
      (await errorOf(store.read({ namespaces: ['no-such'] }))).message,
      /^namespace no-such does not exist/,
    )
    assert.match(
      (
        await errorOf(
          store.apply(
            [
              {
                after: {
                  apiVersion: 'networking.istio.io/v1',
                  kind: 'DestinationRule',
                  metadata: { name: 'x', namespace: 'no-such' },
                  spec: { host: 'x' },
                } as KubeObject,
              },
            ],
            { dryRun: 'none' },
          ),
        )
      ).message,
      /namespaces "no-such" not found/,
    )
  })
})

clusterTest('reads more objects than fit on a page', async cluster => {
  const namespace = await cluster.namespace()
  const list = Array.from({ length: 520 }, (_, i) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: `e${i}`, namespace },
    spec: { hosts: [`h${i}.test`], resolution: 'DNS' },
  }))
  for (let i = 0; i < list.length; i += 40) {
    await Promise.all(
      list.slice(i, i + 40).map(body =>
        cluster.expect(`/apis/networking.istio.io/v1/namespaces/${namespace}/serviceentries`, {
          method: 'POST',
          body,
        }),
      ),
    )
  }
  await withStore(cluster, { namespace }, async store => {
    assert.equal(
      (await store.read({ namespaces: [namespace], kinds: ['ServiceEntry'] })).view.list(
        'ServiceEntry',
        namespace,
      ).length,
      520,
    )
  })
})

const role = (rules: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: some }
rules: ${rules}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: some }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: some }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: ann }]
`

clusterTest('somebody who may see little gets that, and is told what was not checked', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(
    catalog
      + '---'
      + role(
        '[{ apiGroups: [networking.istio.io], resources: [virtualservices], verbs: [get, list] }, { apiGroups: [""], resources: [services], verbs: [list] }]',
      ),
    { namespace },
  )
  const own = await cluster.kubeconfigFor({ name: 'ann' }, { namespace })
  await withStore(cluster, { kubeconfig: own }, async store => {
    const { view, notes } = await store.read({ namespaces: [namespace] })
    assert.equal(view.list('VirtualService').length, 1)
    assert.ok(
      view.unread.has('Deployment')
        && view.unread.has('DestinationRule')
        && !view.unread.has('VirtualService')
        && !view.unread.has('Service'),
    )
    assert.match(notes.join('\n'), new RegExp(`only those in ${namespace} were read`))
    assert.match(notes.join('\n'), /deployments\.apps.*: cannot check which versions run/)
    const [before] = view.list('VirtualService')
    const error = await errorOf(
      store.apply([{ before: before!, after: withWeights(before!, 90, 10) }], { dryRun: 'none' }),
    )
    assert.equal(error.code, 'forbidden')
    assert.match(
      [error.message, ...error.hints].join('\n'),
      /User "ann" cannot patch resource "virtualservices".*\n.*kubectl auth can-i patch virtualservices\.networking\.istio\.io -n /,
    )
  })
  const acting = await errorOf(
    withStore(cluster, { namespace, as: 'bob' }, async store => {
      await store.read({ namespaces: [namespace] })
    }),
  )
  assert.match(
    [acting.code, acting.message, ...acting.hints].join('\n'),
    /^forbidden\n.*User "bob" cannot list[\s\S]*--as bob/,
  )
})

clusterTest('credentials that have expired, or are wrong, are said to be', async cluster => {
  const expired = await cluster.kubeconfigFor({ name: 'ann' }, { expired: true })
  const late = await errorOf(
    withStore(cluster, { kubeconfig: expired }, async store => {
      await store.read({ namespaces: ['default'] })
    }),
  )
  assert.match(
    `${late.code} ${late.message}`,
    /^unauthorized .*rejects the credentials of canary-test: the client certificate expired on/,
  )
  const wrong = await cluster.kubeconfigFor({ name: 'ann' }, { token: 'nonsense' })
  assert.equal(
    (
      await errorOf(
        withStore(cluster, { kubeconfig: wrong }, async store => {
          await store.read({ namespaces: ['default'] })
        }),
      )
    ).code,
    'unauthorized',
  )
})

clusterTests({ crds: [] })(
  "a cluster without Istio is read, and an object of Istio's cannot be created in it",
  async cluster => {
    const namespace = await cluster.namespace()
    await withStore(cluster, { namespace }, async store => {
      const { view, notes } = await store.read({ namespaces: [namespace] })
      assert.equal(view.list('VirtualService').length, 0)
      assert.match(notes.join('\n'), /Istio's resources are not installed/)
      const rule = {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata: { name: 'x', namespace },
        spec: { host: 'x' },
      } as KubeObject
      assert.match(
        (await errorOf(store.apply([{ after: rule }], { dryRun: 'none' }))).message,
        /this cluster has no destinationrules\.networking\.istio\.io/,
      )
    })
  },
)
