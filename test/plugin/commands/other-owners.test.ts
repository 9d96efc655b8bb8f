import assert from 'node:assert/strict'
import test from 'node:test'
import type { Metadata } from '../../../shared/objects/kube-object.ts'
import { MemoryStore, readExample } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'

/** The catalog as it is on a cluster, its VirtualServices with more metadata. */
const catalog = (more: Partial<Metadata>): MemoryStore =>
  new MemoryStore(
    readExample('catalog').map(object => ({
      ...object,
      metadata: {
        ...object.metadata,
        uid: object.metadata.name,
        ...(object.kind === 'VirtualService' && more),
      },
    })),
  )

const argoCd = {
  annotations: {
    'argocd.argoproj.io/tracking-id': 'shop:networking.istio.io/VirtualService:istioinaction/catalog',
  },
}
const flux = {
  labels: {
    'kustomize.toolkit.fluxcd.io/name': 'shop',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  },
}
const helmRelease = { labels: { 'helm.toolkit.fluxcd.io/name': 'shop' } }

for (const [tool, more, rule] of [
  ['Argo CD (the Application shop)', argoCd, /jqPathExpressions: \["\.spec\.http"\]/],
  [
    'Flux (the Kustomization shop)',
    flux,
    /kubectl annotate virtualservices\.networking\.istio\.io catalog -n istioinaction kustomize\.toolkit\.fluxcd\.io\/reconcile=disabled/,
  ],
  ['Flux (the HelmRelease shop)', helmRelease, /helm\.toolkit\.fluxcd\.io\/driftDetection=disabled/],
] as const)
  for (const command of ['weight v2=10', 'cohort internal --to v2', 'promote v2'])
    test(`${command} is refused where ${tool} would revert it, with the rule that keeps it`, async () => {
      const store = catalog(more)
      const { code, stderr } = await runCommand(words(command), { store })
      assert.equal(code, 3)
      assert.ok(stderr.includes(`applied by ${tool}, which reverts edits on the cluster`), stderr)
      assert.match(stderr, rule)
      assert.ok(stderr.includes(`kubectl canary ${command} -f PATH`), stderr)
      assert.deepEqual(store.applied, [])
      const insisted = await runCommand(words(`${command} --force`), { store })
      assert.equal(insisted.code, 0, insisted.stderr)
      assert.match(insisted.stderr, /which may revert this edit/)
    })

test('where only the weights change, Argo CD is told to ignore only these', async () => {
  const store = catalog(argoCd)
  await runCommand(words('weight v2=10 --force'), { store })
  const { code, stderr } = await runCommand(words('weight v2=20'), { store })
  assert.equal(code, 3)
  assert.match(stderr, /jqPathExpressions: \["\.spec\.http\[\]\.route\[\]\.weight"\]/)
})

test('files are what a tool applies, and are edited with its marks in them', async () => {
  const { objects } = catalog(argoCd)
  const { code, stderr } = await runCommand(words('weight v2=10 --stable v1'), {
    store: new MemoryStore(objects, { live: false }),
  })
  assert.equal(code, 0, stderr)
})

test('the end of a canary can be insisted on, too', async () => {
  const store = catalog(argoCd)
  await runCommand(words('cohort internal --to v2 --force'), { store })
  for (const command of ['abort', 'cohort internal --remove', 'undo catalog']) {
    assert.equal((await runCommand(words(command), { store })).code, 3, command)
    const { code, stderr } = await runCommand(words(`${command} --force --dry-run=client`), { store })
    assert.equal(code, 0, `${command}: ${stderr}`)
  }
})

test('an object that Flux has been told to leave is edited, without a word', async () => {
  const left = { ...flux, annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' } }
  const { code, stderr } = await runCommand(words('weight v2=10'), { store: catalog(left) })
  assert.deepEqual([code, stderr], [0, ''])
})

test('Helm is named, and does not stop an edit, nor does a HelmRelease whose drift is left', async () => {
  for (const more of [
    { annotations: { 'meta.helm.sh/release-name': 'shop' } },
    { ...helmRelease, annotations: { 'helm.toolkit.fluxcd.io/driftDetection': 'disabled' } },
  ]) {
    const { code, stderr } = await runCommand(words('weight v2=10'), { store: catalog(more) })
    assert.equal(code, 0, stderr)
    assert.match(stderr, /is applied by (Helm|Flux), which may revert this edit/)
  }
})

const owned = (kind: string, apiVersion: string): Partial<Metadata> => ({
  ownerReferences: [{ apiVersion, kind, name: 'catalog', uid: '1', controller: true }],
})
for (const [kind, apiVersion, commands] of [
  [
    'Canary',
    'flagger.app/v1beta1',
    {
      'promote v2': `--type=merge -p='{"spec":{"skipAnalysis":true}}'`,
      'weight v2=10': 'spec.analysis.stepWeight',
    },
  ],
  [
    'Rollout',
    'argoproj.io/v1alpha1',
    {
      'promote v2': 'kubectl argo rollouts promote catalog -n istioinaction --full',
      abort: 'kubectl argo rollouts abort catalog -n istioinaction',
      'cohort internal --to v2': 'setHeaderRoute',
    },
  ],
  [
    'Ingress',
    'networking.internal.knative.dev/v1alpha1',
    { 'weight v2=10': 'kn service update catalog -n istioinaction --traffic REVISION=PERCENT' },
  ],
] as const)
  test(`where a ${kind} drives the service, its own command or field is named, also with --force`, async () => {
    for (const [command, said] of Object.entries(commands)) {
      for (const force of command === 'weight v2=10' ? ['', ' --force'] : ['']) {
        const { code, stderr } = await runCommand(words(command + force), {
          store: catalog(owned(kind, apiVersion)),
        })
        assert.equal(code, 3, `${command}: ${stderr}`)
        assert.ok(stderr.includes(said), `${command}: ${stderr}`)
      }
    }
  })
