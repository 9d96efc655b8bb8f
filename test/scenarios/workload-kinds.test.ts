import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { LiveView } from '../../shared/view/snapshot.ts'
import { confirmedReview } from '../../webhook/admission/confirmed-review.ts'
import { defaultConfig } from '../../webhook/config/config.ts'
import { isDerivable } from '../../webhook/cache/derivable.ts'
import { projectObject } from '../../webhook/cache/project-object.ts'
import { matches } from '../../shared/objects/labels.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'
import { ManifestsFolder } from '../plugin/manifests-folder.ts'
import { MemoryStore } from '../plugin/memory-store.ts'
import { runCommand, words } from '../plugin/run-command.ts'
import { requestFor } from '../webhook/requests.ts'

const pod = (labels: string) => `{metadata: {labels: {${labels}}}, spec: {containers: [{name: a, image: a}]}}`
const v2 = pod('app: tea, version: v2')
const status = 'status: {replicas: 2, readyReplicas: 2}'
// oxlint-disable-next-line max-params -- what every object has, in the order in which it is written
const document = (apiVersion: string, kind: string, spec: string, rest = status): string =>
  `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: tea-v2, namespace: default}, spec: ${spec}, ${rest}}`
const templated = (apiVersion: string, kind: string): string =>
  document(apiVersion, kind, `{replicas: 2, template: ${v2}}`)

/** Kinds whose objects an API server gives us. */
const served: Readonly<Record<string, string>> = {
  StatefulSet: templated('apps/v1', 'StatefulSet'),
  DaemonSet: document(
    'apps/v1',
    'DaemonSet',
    `{template: ${v2}}`,
    'status: {numberReady: 2, desiredNumberScheduled: 2}',
  ),
  ReplicaSet: templated('apps/v1', 'ReplicaSet'),
  Rollout: templated('argoproj.io/v1alpha1', 'Rollout'),
  ReplicationController: templated('v1', 'ReplicationController'),
  DeploymentConfig: templated('apps.openshift.io/v1', 'DeploymentConfig'),
  CloneSet: templated('apps.kruise.io/v1alpha1', 'CloneSet'),
  'StatefulSet.apps.kruise.io': templated('apps.kruise.io/v1beta1', 'StatefulSet'),
  'DaemonSet.apps.kruise.io': document(
    'apps.kruise.io/v1alpha1',
    'DaemonSet',
    `{template: ${v2}}`,
    'status: {numberReady: 2, desiredNumberScheduled: 2}',
  ),
}

/** Kinds that only files show; on a cluster their pods are looked at. */
const filed: Readonly<Record<string, string>> = {
  'Service.serving.knative.dev': templated('serving.knative.dev/v1', 'Service'),
  'Configuration.serving.knative.dev': templated('serving.knative.dev/v1', 'Configuration'),
  'Revision.serving.knative.dev': `{apiVersion: serving.knative.dev/v1, kind: Revision, metadata: {name: tea-v2, namespace: default, labels: {app: tea, version: v2}}, spec: {containers: [{image: a}]}}`,
  'a kind that nobody knows': templated('example.com/v1', 'Fleet'),
  'a kind that nobody knows, deeper': document('example.com/v1', 'Fleet', `{groups: [{template: ${v2}}]}`),
}

const v1 = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: tea-v1, namespace: default}, spec: {replicas: 2, template: ${pod('app: tea, version: v1')}}, ${status}}`
const service =
  '{apiVersion: v1, kind: Service, metadata: {name: tea, namespace: default}, spec: {selector: {app: tea}, ports: [{name: http, port: 80}]}}'
const rule =
  '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: tea, namespace: default}, spec: {host: tea, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}}'
const route = (one: number, other: number): string =>
  `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: tea, namespace: default}, spec: {hosts: [tea], http: [{route: [`
  + `{destination: {host: tea, subset: v1}, weight: ${one}}, {destination: {host: tea, subset: v2}, weight: ${other}}]}]}}`
const join = (...documents: readonly string[]): string => documents.join('\n---\n')

/** How the guard answers a VirtualService when the cluster has these objects: the rules that deny it. */
async function deniedBy(cluster: readonly KubeObject[], after: KubeObject): Promise<readonly string[]> {
  const view = new LiveView()
  for (const object of cluster) {
    const kept = isDerivable(object) ? undefined : projectObject(object)
    if (kept !== undefined) view.put(kept)
  }
  const all = snapshot(cluster)
  const { verdict } = await confirmedReview(
    requestFor({ after }),
    {
      view,
      judge: { rules: catalogue, settings: { complete: true, relativeWeights: false } },
      settings: defaultConfig,
    },
    {
      limit: { signal: AbortSignal.timeout(5_000) },
      readApi: async evidence =>
        evidence.name === undefined
          ? all
              .list(evidence.kind, evidence.namespace)
              .filter(object =>
                evidence.labels === undefined
                  ? !isDerivable(object)
                  : matches(evidence.labels, object.metadata.labels),
              )
          : [all.get(evidence)].filter(object => object !== undefined),
    },
  )
  return verdict.denials.map(({ rule: id }) => id)
}
const [split] = objectsOf(route(90, 10)) as [KubeObject]

const podOf = (owner: string, labels: string): string =>
  `{apiVersion: v1, kind: Pod, metadata: {name: tea-v2-1, namespace: default, labels: {${labels}}, ownerReferences: [{${owner}, controller: true}]}, spec: {containers: [{name: a}]}, status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}}`

describe('the workload of a version', () => {
  for (const [kind, workload] of Object.entries({ ...served, ...filed }))
    it(`counts on files, whatever its kind: ${kind}`, async () => {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', `${join(service, v1, rule, route(100, 0), workload)}\n`)
      for (const line of ['weight v2=25', 'cohort internal --to v2', 'lint --complete']) {
        const { code, stdout, stderr } = await folder.run(line)
        assert.equal(code, 0, `${line}: ${stdout}${stderr}`)
      }
      assert.match((await folder.run('lint --complete')).stderr, /no findings/)
    })

  for (const [kind, workload] of Object.entries(served)) {
    it(`counts on a cluster with its ready pods: ${kind}`, async () => {
      const store = new MemoryStore(objectsOf(join(service, v1, rule, route(100, 0), workload)), {
        namespace: 'default',
      })
      const { code, stderr } = await runCommand(words('weight v2=25 --service tea'), { store })
      assert.equal(code, 0, stderr)
      const { stdout } = await runCommand(words('status tea -o json'), { store }).then(async ended =>
        ended.code === 0 ? ended : runCommand(words('status --service tea -o json'), { store }),
      )
      assert.match(stdout, /"ready": 2/)
    })
    it(`is known to the guard: ${kind}`, async () => {
      assert.deepEqual(await deniedBy(objectsOf(join(service, v1, rule, workload)), split), [])
      assert.deepEqual(await deniedBy(objectsOf(join(service, v1, rule)), split), [
        'subset-matches-no-workload',
      ])
    })
  }
})

describe('what runs a version', () => {
  it('counts by its pods on a cluster where its kind is not read', async () => {
    const made = podOf('apiVersion: example.com/v1, kind: Fleet, name: tea-v2', 'app: tea, version: v2')
    const objects = objectsOf(join(service, v1, rule, route(100, 0), made))
    const { code, stderr } = await runCommand(words('weight v2=25 --service tea'), {
      store: new MemoryStore(objects, { namespace: 'default' }),
    })
    assert.equal(code, 0, stderr)
    assert.deepEqual(await deniedBy(objectsOf(join(service, v1, rule, made)), split), [])
  })

  it('counts for the guard by labels that its pods got at admission', async () => {
    const plain = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: tea-v2, namespace: default}, spec: {template: ${pod('app: tea')}}}`
    const made = podOf(
      'apiVersion: apps/v1, kind: ReplicaSet, name: tea-v2-5d',
      'app: tea, version: v2, pod-template-hash: 5d',
    )
    const hashless = podOf('apiVersion: apps/v1, kind: ReplicaSet, name: tea-v2-5d', 'app: tea')
    const world = [service, v1, rule, plain]
    assert.deepEqual(await deniedBy(objectsOf(join(...world, made)), split), [])
    assert.ok(
      (await deniedBy(objectsOf(join(...world, hashless)), split)).includes('subset-matches-no-workload'),
    )
  })
})

describe("the labels that Argo Rollouts gives a rollout's parts", () => {
  const rollout = (strategy: string, more = ''): string =>
    `{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: tea, namespace: default}, spec: {replicas: 4, template: ${pod('app: tea')}, strategy: ${strategy}}${more}}`
  const roles =
    '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: tea, namespace: default}, spec: {host: tea, subsets: [{name: v1, labels: {role: stable}}, {name: v2, labels: {role: canary}}]}}'
  const strategies = [
    '{canary: {canaryMetadata: {labels: {role: canary}}, stableMetadata: {labels: {role: stable}}}}',
    '{blueGreen: {previewMetadata: {labels: {role: canary}}, activeMetadata: {labels: {role: stable}}}}',
  ]
  for (const strategy of strategies)
    it(`are those of its pods, in lint and in the guard: ${strategy.slice(1, 10)}`, async () => {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', `${join(service, roles, route(90, 10), rollout(strategy))}\n`)
      const { code, stderr } = await folder.run('lint --complete')
      assert.deepEqual([code, stderr], [0, 'lint: no findings\n'])
      assert.deepEqual(await deniedBy(objectsOf(join(service, roles, rollout(strategy))), split), [])
      const swapped = roles.replace('role: canary', 'role: preview')
      assert.deepEqual(await deniedBy(objectsOf(join(service, swapped, rollout(strategy))), split), [
        'subset-matches-no-workload',
      ])
    })

  it('share its ready pods between its parts', async () => {
    const status =
      ', status: {replicas: 4, readyReplicas: 4, updatedReplicas: 1, stableRS: a, currentPodHash: b}'
    const store = new MemoryStore(
      objectsOf(join(service, roles, route(90, 10), rollout(strategies[0]!, status))),
      { namespace: 'default' },
    )
    const { stdout } = await runCommand(words('status --service tea'), { store })
    assert.match(stdout, /v1 .*3\/3/)
    assert.match(stdout, /v2 .*1\/1/)
  })
})

describe('a label that no workload says, nor contradicts', () => {
  const plain = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: tea-v2, namespace: default}, spec: {template: ${pod('app: tea')}}}`
  const lint = async (documents: readonly string[], flags = ''): Promise<string> => {
    using folder = new ManifestsFolder()
    folder.write('all.yaml', `${join(...documents)}\n`)
    return (await folder.run(`lint -o json ${flags}`)).stdout
  }
  const severityIn = (json: string): string | undefined =>
    (JSON.parse(json) as { findings: { rule: string; severity: string }[] }).findings.find(
      ({ rule: id }) => id === 'subset-matches-no-workload',
    )?.severity

  it('may be added by what applies the files: a warning, and an error in a whole world', async () => {
    const world = [service, v1, rule, plain, route(90, 10)]
    assert.equal(severityIn(await lint(world)), 'warning')
    assert.equal(severityIn(await lint(world, '--complete')), 'error')
  })
  it('is an error where every workload says another value', async () => {
    assert.equal(severityIn(await lint([service, v1, rule, route(90, 10)])), 'error')
  })
})

it('a template of something else than pods is no workload', async () => {
  const sealed = `{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: x, namespace: default}, spec: {encryptedData: {a: b}, template: {metadata: {labels: {app: tea, version: v2}}}}}`
  const application = `{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: y, namespace: default}, spec: {template: {metadata: {labels: {app: tea, version: v2}}, spec: {project: z}}}}`
  using folder = new ManifestsFolder()
  folder.write('all.yaml', `${join(service, v1, rule, route(90, 10), sealed, application)}\n`)
  assert.equal((await folder.run('lint')).code, 3)
})
