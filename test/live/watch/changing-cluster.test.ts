/** What happens to the kinds of a cluster while they are watched: rights that are taken away and given back, definitions that come, go and change. */
import assert from 'node:assert/strict'
import { parse } from 'yaml'
import { connect } from '../../../shared/live/connection/connect.ts'
import { startWatch, type Watch } from '../../../shared/live/watch/start-watch.ts'
import type { Kind } from '../../../shared/objects/kinds.ts'
import { LiveView } from '../../../shared/view/snapshot.ts'
import { projectObject } from '../../../webhook/cache/project-object.ts'
import { requesterOf } from '../../../webhook/run/requester.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { readCrds, type Crd } from '../../cluster/crds.ts'
import { until } from './watching.ts'

const real = clusterTests({ crds: [] })

interface Watching extends AsyncDisposable {
  readonly watch: Watch
  readonly problems: string[]
  readonly names: (kind: Kind, namespace: string) => string
  readonly versions: (namespace: string) => readonly string[]
}

async function watching(kubeconfig: string, kinds: readonly Kind[]): Promise<Watching> {
  const connection = await connect({ kubeconfig }, { env: {}, parseYaml: parse })
  const view = new LiveView()
  const problems: string[] = []
  const fast = { backoff: { first: 20, longest: 200 }, absent: { first: 20, longest: 200 } }
  const watch = startWatch({
    connection: requesterOf(connection),
    kinds,
    view,
    keep: projectObject,
    options: fast,
    onProblem: (_, error) => problems.push(String(error)),
  })
  return {
    watch,
    problems,
    names: (kind, namespace) =>
      view
        .list(kind, namespace)
        .map(({ metadata }) => metadata.name)
        .sort()
        .join(),
    versions: namespace => view.list('VirtualService', namespace).map(({ apiVersion }) => apiVersion),
    [Symbol.asyncDispose]: async () => {
      await watch.stop()
      connection.close()
    },
  }
}

/** Gives a user the right to see these resources, and no others. */
async function allow(cluster: Cluster, user: string, resources: readonly string[]): Promise<void> {
  await cluster.apply(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name: user },
          rules: [{ apiGroups: ['', 'apps'], resources, verbs: ['get', 'list', 'watch'] }],
        },
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRoleBinding',
          metadata: { name: user },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
        },
      ],
    }),
  )
}

const service = (name: string): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: ${name}}, spec: {clusterIP: None, ports: [{port: 80}]}}`
const daemonSet = (name: string): string =>
  `{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: ${name}}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: c}]}}}}`

real(
  'waits for a right that is missing, keeps what it knows when one is taken away, and goes on when it is given back',
  async cluster => {
    const namespace = await cluster.namespace()
    await cluster.apply([service('a'), daemonSet('a')].join('\n---\n'), { namespace })
    await allow(cluster, 'watcher', ['services'])
    await using watched = await watching(await cluster.kubeconfigFor({ name: 'watcher' }), [
      'Service',
      'DaemonSet',
    ])
    const { watch, names, problems } = watched
    await until(
      'the Services are known and the DaemonSets are not',
      () => names('Service', namespace) === 'a' && problems.some(problem => problem.includes('403')),
    )
    assert.equal(watch.isSynced(), false)
    await allow(cluster, 'watcher', ['services', 'daemonsets'])
    await watch.synced
    assert.equal(names('DaemonSet', namespace), 'a')

    await allow(cluster, 'watcher', ['services'])
    const before = problems.length
    await cluster.restartApiServer()
    await until('the DaemonSets are refused', () =>
      problems.slice(before).some(problem => problem.includes('403')),
    )
    await cluster.apply([service('b'), daemonSet('b')].join('\n---\n'), { namespace })
    await until('the Services go on', () => names('Service', namespace) === 'a,b')
    assert.equal(names('DaemonSet', namespace), 'a')
    const { Service, DaemonSet } = watch.stats()
    assert.deepEqual([Service?.refusedSince, DaemonSet?.refusedSince === undefined], [undefined, false])
    await allow(cluster, 'watcher', ['services', 'daemonsets'])
    await until('the DaemonSets go on', () => names('DaemonSet', namespace) === 'a,b')
  },
)

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const name = 'virtualservices.networking.istio.io'
type Version = Readonly<Record<string, unknown>> & { readonly name: string }

/** Istio's definition of the VirtualService as if these versions were all there are; the last of them is how objects are stored. */
async function definition(versions: readonly string[]): Promise<Crd> {
  const whole = (await readCrds('istio')).find(({ metadata }) => metadata.name === name)! as Crd & {
    readonly spec: { readonly versions: readonly Version[] }
  }
  const kept = whole.spec.versions
    .filter(version => versions.includes(version.name))
    .map(version => ({ ...version, served: true, storage: version.name === versions.at(-1) }))
  return { ...whole, spec: { ...whole.spec, versions: kept } } as Crd
}

async function define(cluster: Cluster, ...served: readonly string[]): Promise<void> {
  await cluster.expect(crds, { method: 'POST', body: await definition(served) })
  await cluster.kubectl(['wait', '--for=condition=Established', `crd/${name}`])
}

async function stopServing(cluster: Cluster, version: string): Promise<void> {
  const { spec } = (await cluster.expect(`${crds}/${name}`)) as {
    readonly spec: { readonly versions: readonly Version[] }
  }
  const versions = spec.versions.map(each => (each.name === version ? { ...each, served: false } : each))
  await cluster.expect(`${crds}/${name}`, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { spec: { versions } },
  })
}

async function putRoute(
  cluster: Cluster,
  namespace: string,
  { version, of }: { readonly version: string; readonly of: string },
): Promise<void> {
  const apply = ['apply', '-n', namespace, '-f', '-']
  // A definition is established a moment before its objects are taken.
  while ((await cluster.kubectl(apply, { stdin: route(version, of) })).code !== 0);
}

const route = (version: string, of: string): string =>
  `{apiVersion: networking.istio.io/${version}, kind: VirtualService, metadata: {name: ${of}}, spec: {hosts: [shop], http: [{route: [{destination: {host: shop}}]}]}}`

real(
  'follows a kind through the life of its definition: absent, old, gone, new, and without the version that was watched',
  async cluster => {
    const namespace = await cluster.namespace()
    await using watched = await watching(cluster.kubeconfig, ['VirtualService'])
    const { watch, names, versions } = watched
    await watch.synced
    assert.equal(watch.stats().VirtualService!.isAbsent, true)
    const put = (version: string, of: string): Promise<void> => putRoute(cluster, namespace, { version, of })

    await define(cluster, 'v1alpha3')
    await put('v1alpha3', 'old')
    await until('the old version is seen', () => names('VirtualService', namespace) === 'old')
    assert.deepEqual(versions(namespace), ['networking.istio.io/v1alpha3'])

    await cluster.expect(`${crds}/${name}`, { method: 'DELETE' })
    await until(
      'all are forgotten with their definition',
      () => names('VirtualService', namespace) === '' && watch.stats().VirtualService!.isAbsent,
    )

    await define(cluster, 'v1', 'v1beta1')
    await put('v1', 'new')
    await until('the new version is seen', () => versions(namespace).join() === 'networking.istio.io/v1')

    await stopServing(cluster, 'v1')
    await put('v1beta1', 'later')
    await until('the watch goes on', () => names('VirtualService', namespace) === 'later,new')
    await cluster.restartApiServer()
    await put('v1beta1', 'last')
    await until(
      'the version that is left is followed',
      () => names('VirtualService', namespace) === 'last,later,new',
    )
    assert.ok(versions(namespace).includes('networking.istio.io/v1beta1'))
    assert.equal(watch.stats().VirtualService!.drift, 0)
  },
)
