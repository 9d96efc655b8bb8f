import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { after } from 'node:test'
import { run } from '../../plugin/cli.ts'
import { openStore } from '../../plugin/open-store.ts'
import { until, type Cluster } from '../cluster/cluster.ts'
import { clusterTests } from '../cluster/cluster-test.ts'
import { withReadyPods } from '../cluster/ready-pods.ts'
import { streamsOf, type World } from '../plugin/run-command.ts'
import { answering } from './answering.ts'
import { wrongIn } from './steps.ts'

const folder = mkdtempSync(join(tmpdir(), 'canary-demo-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const onCluster = clusterTests({ controllerManager: true })
const withoutIstio = clusterTests({ crds: [] })
const clock = { now: () => new Date(), wait: (ms: number) => sleep(ms) }

/** How a demo ended, and what a terminal shows of it. */
interface Played {
  readonly code: number
  readonly shown: string
}

async function demo(cluster: Cluster, words: readonly string[], world: World = {}): Promise<Played> {
  let shown = ''
  const known = { env: { KUBECONFIG: cluster.kubeconfig, HOME: folder, NO_COLOR: '1' }, clock, ...world }
  const streams = streamsOf(known, { stdout: '', stderr: '' })
  const write = (text: string): void => {
    shown += text
  }
  const code = await run(
    ['demo', ...words],
    { ...streams, stdout: { ...streams.stdout, write }, stderr: { ...streams.stderr, write } },
    { openStore },
  )
  return { code, shown }
}
/** While all pods are ready. */
const played = (cluster: Cluster, words: readonly string[], world: World = {}): Promise<Played> =>
  withReadyPods(cluster, () => demo(cluster, words, world))
const statusOf = async (cluster: Cluster, path: string): Promise<number> =>
  (await cluster.request(path)).status
const namespaces = '/api/v1/namespaces'

/** All routes, Services and Deployments outside a namespace, with their versions. */
async function outside(cluster: Cluster, namespace: string): Promise<readonly string[]> {
  const { stdout } = await cluster.kubectl([
    'get',
    'virtualservices,destinationrules,gateways,services,deployments,controllerrevisions',
    '-A',
    '-o',
    'jsonpath={range .items[*]}{.metadata.namespace}/{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}',
  ])
  return stdout.split('\n').filter(line => !line.startsWith(`${namespace}/`))
}

/** The specs and annotations of the demo's routes. */
async function routesIn(cluster: Cluster, namespace: string): Promise<string> {
  const { stdout } = await cluster.kubectl([
    'get',
    'virtualservices,destinationrules',
    '-n',
    namespace,
    '-o',
    'jsonpath={range .items[*]}{.metadata.name}{.metadata.annotations}{.spec}{"\\n"}{end}',
  ])
  return stdout
}

onCluster('the whole walk is played in a namespace of its own, which --clean removes', async cluster => {
  await cluster.kubectl(['create', 'service', 'clusterip', 'mine', '--tcp=80', '-n', 'default'])
  const before = await outside(cluster, 'canary-demo')
  assert.ok(before.some(line => line.includes('/Service/mine ')))
  const { code, shown } = await played(cluster, ['--live'])
  assert.equal(code, 0, shown)
  assert.match(shown, /^This makes the namespace canary-demo on the cluster canary-test \(https:/)
  assert.deepEqual(wrongIn(shown, 'cluster'), [])
  assert.deepEqual(await outside(cluster, 'canary-demo'), before)
  const again = await demo(cluster, ['--live'])
  assert.equal(again.code, 3)
  assert.match(again.shown, /there from an earlier demo\n {2}Remove it first: kubectl canary demo --clean\n/)
  const cleaned = await demo(cluster, ['--clean'])
  assert.equal(cleaned.code, 0, cleaned.shown)
  assert.match(cleaned.shown, /Namespace canary-demo is deleted/)
  assert.equal(await statusOf(cluster, `${namespaces}/canary-demo`), 404)
  assert.match((await demo(cluster, ['--clean'])).shown, /is not there: there is nothing to remove/)
})

onCluster(
  'a person says yes first, and takes steps back, also those of a slip and those before an undo',
  async cluster => {
    const words = ['--live', '-n', 'undone']
    const no = await played(cluster, words, answering('q'))
    assert.equal(no.code, 0)
    assert.equal(await statusOf(cluster, `${namespaces}/undone`), 404)
    const named = ['--kubeconfig', cluster.kubeconfig, '--context', 'canary-test']
    const first = await played(cluster, [...words, ...named], {
      ...answering('', '', 'q'),
      env: { HOME: folder, NO_COLOR: '1' },
    })
    assert.match(
      first.shown,
      /\$ kubectl canary status -n undone --kubeconfig \S+ --context canary-test\n.*catalog in namespace undone\n/,
    )
    const start = await routesIn(cluster, 'undone')
    assert.match(start, /version-v1/)
    assert.equal((await demo(cluster, ['--clean', '-n', 'undone'])).code, 0)

    // The look, the dry run, the cohort, the weight, both edits back, one of them again, that one back.
    const { code, shown } = await played(
      cluster,
      words,
      answering('', '', '', '', '', 'u', 'u', '', 'u', 'q'),
    )
    assert.equal(code, 0, shown)
    assert.match(shown, /Step 4 is undone: the routes are as before it\./)
    assert.match(shown, /\$ kubectl canary undo catalog -n undone\n/)
    assert.match(shown, /\$ kubectl canary undo catalog --to-revision 0 -n undone\n/)
    assert.equal(shown.match(/Step 3 is undone: the routes are as before it\./g)?.length, 2)
    assert.equal(await routesIn(cluster, 'undone'), start)
    await demo(cluster, ['--clean', '-n', 'undone'])

    // Up to the slip and the edit that sets it right; both back.
    const slip = await played(cluster, words, answering(...Array(10).fill(''), 'u', 'u', 'q'))
    // An undo may not break a rule either.
    assert.match(slip.shown, /error: refused, nothing was written: this would break a rule/)
    assert.match(slip.shown, /Step 9 is undone: the demo wrote the routes back as they were before it\./)
    assert.match(slip.shown, /Step 8 is undone: the demo wrote the routes back as they were before it\./)
    assert.match(await routesIn(cluster, 'undone'), /"weight":10/)
    assert.doesNotMatch(await routesIn(cluster, 'undone'), /"weight":20/)
    assert.match(slip.shown, /# 8 of 16[^]*# 8 of 16/)
    await demo(cluster, ['--clean', '-n', 'undone'])
  },
)

onCluster('a namespace that the demo did not make is neither written to nor removed', async cluster => {
  const name = await cluster.namespace()
  for (const flag of ['--live', '--clean']) {
    const { code, shown } = await demo(cluster, [flag, '-n', name])
    assert.equal(code, 3)
    assert.match(shown, new RegExp(`^error: Namespace ${name} was not made by kubectl canary demo`))
  }
  assert.equal(await statusOf(cluster, `${namespaces}/${name}`), 200)
  assert.equal(await routesIn(cluster, name), '')
})

onCluster('who may not make a namespace, or not fill it, is told so, and nothing is left', async cluster => {
  const nobody = await cluster.kubeconfigFor({ name: 'nobody' })
  const env = { KUBECONFIG: nobody, HOME: folder }
  const refused = await demo(cluster, ['--live', '-n', 'theirs'], { env })
  assert.equal(refused.code, 1)
  assert.match(
    refused.shown,
    /^error: Namespace theirs cannot be read: .*forbidden.*\n {2}.*can-i create namespaces\n/,
  )
  const rights = ['--verb=get,create,delete,list', '--resource=namespaces']
  await cluster.kubectl(['create', 'clusterrole', 'maker', ...rights])
  await cluster.kubectl(['create', 'clusterrolebinding', 'maker', '--clusterrole=maker', '--user=nobody'])
  const empty = await demo(cluster, ['--live', '-n', 'theirs'], { env })
  assert.equal(empty.code, 1)
  assert.match(empty.shown, /error: .*cannot create resource/)
  await until('it is gone', async () => (await statusOf(cluster, `${namespaces}/theirs`)) === 404)
})

onCluster('pods that do not become ready end the demo with the reason', async cluster => {
  const { code, shown } = await demo(cluster, ['--live', '-n', 'slow', '--ready-timeout', '8s'])
  assert.equal(code, 7)
  assert.match(shown, /Waiting for the pods: 0 of 3 Deployments are ready\./)
  assert.match(
    shown,
    /error: after 8 s Deployment catalog, .* in namespace slow have no ready pod: Pod catalog-\S+ is Pending.*\n.*get pods -n slow\n {2}Remove the namespace: kubectl canary demo --clean -n slow\n/,
  )
  assert.equal((await demo(cluster, ['--clean', '-n', 'slow'])).code, 0)
})

onCluster('where the cluster denies the slip, the demo says so and goes on', async cluster => {
  await cluster.apply(noTwenty)
  await until('the policy is in force', async () => {
    const { shown } = await played(cluster, ['--live', '-n', 'guarded'])
    await demo(cluster, ['--clean', '-n', 'guarded'])
    const isDenied =
      /note: this cluster denies the mistake, so there is nothing for lint to find: .*no 20/.test(shown)
    if (isDenied) assert.doesNotMatch(shown, /note: the exit code/)
    return isDenied
  })
})

/** In place of the webhook: a policy that denies the weight of the slip. */
const noTwenty = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: no-twenty }
spec:
  matchConstraints:
    resourceRules:
      - { apiGroups: [networking.istio.io], apiVersions: ['*'], operations: [UPDATE], resources: [virtualservices] }
  validations:
    - expression: "object.spec.http.all(h, h.route.all(r, !has(r.weight) || r.weight != 20))"
      message: no 20
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: no-twenty }
spec: { policyName: no-twenty, validationActions: [Deny] }
`

onCluster('the demo on files offers the cluster that it finds, and writes nothing there', async cluster => {
  const before = await outside(cluster, '')
  const { shown } = await demo(cluster, ['--dir', join(folder, 'offered')])
  assert.match(shown, /^Your cluster canary-test \(https:.*\) has Istio: kubectl canary demo --live /m)
  assert.deepEqual(await outside(cluster, ''), before)
})

withoutIstio(
  'a cluster without kinds of Istio is told what to install, and is not offered',
  async cluster => {
    const { code, shown } = await demo(cluster, ['--live'])
    assert.equal(code, 3)
    assert.match(shown, /^error: the cluster canary-test .* has no kinds of networking\.istio\.io\n/)
    assert.match(shown, /\n {2}helm install istio-base base --repo \S+ -n istio-system --create-namespace /)
    assert.equal(await statusOf(cluster, `${namespaces}/canary-demo`), 404)
    const files = await demo(cluster, ['--dir', join(folder, 'not-offered')])
    assert.match(files.shown, /^On a cluster with Istio, kubectl canary demo --live plays the same/m)
  },
)
