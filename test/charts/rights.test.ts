import assert from 'node:assert/strict'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { resources, type Kind } from '../../shared/objects/kinds.ts'
import { guardedRules } from '../../shared/rules/catalogue.ts'
import { lintView } from '../../shared/rules/introduced.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { evidenceOf } from '../../webhook/admission/evidence.ts'
import { watchedKinds } from '../../webhook/cache/cluster-cache.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'
import { examples } from '../rules/examples.ts'
import { combinations, helmTest, one, render, type Rendered } from './helm.ts'

interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}
const rulesOf = (role: Rendered) => role['rules'] as readonly PolicyRule[]
const words = (rules: readonly PolicyRule[]) =>
  rules
    .flatMap(({ apiGroups, resources: plurals, verbs }) =>
      apiGroups.flatMap(group => plurals.map(plural => `${group}/${plural} ${verbs.join()}`)),
    )
    .sort()

helmTest(
  'may read exactly the kinds that the rules look at, and the namespaces, review access and make Events',
  async () => {
    const read = rulesOf(one(await render(), 'ClusterRole')).filter(
      ({ resourceNames }) => resourceNames === undefined,
    )
    const wanted = watchedKinds(guardedRules).map(
      kind => `${resources[kind].group}/${resources[kind].plural} list,watch`,
    )
    assert.deepEqual(
      words(read).map(right => right.replace('get,', '')),
      [
        ...wanted,
        'apps/controllerrevisions list',
        '/events create',
        'authorization.k8s.io/subjectaccessreviews create',
      ].sort(),
    )
  },
)

helmTest('may write nothing else but its configuration and Secret, and watches both by name', async () => {
  const objects = await render()
  const name = one(objects, 'ValidatingWebhookConfiguration').metadata.name
  const named = rulesOf(one(objects, 'ClusterRole')).filter(
    ({ resourceNames }) => resourceNames !== undefined,
  )
  assert.deepEqual(
    named.map(({ resources: plurals, resourceNames, verbs }) => [...plurals, ...resourceNames!, ...verbs]),
    [
      ['configmaps', 'istio', 'get'],
      ['validatingwebhookconfigurations', name, 'get', 'watch', 'patch'],
    ],
  )
  const revised = rulesOf(one(await render({ config: { mesh: { revision: 'asm-managed' } } }), 'ClusterRole'))
  assert.deepEqual(revised.find(({ resources: plurals }) => plurals.includes('configmaps'))?.resourceNames, [
    'istio-asm-managed',
  ])
  assert.deepEqual(rulesOf(one(objects, 'Role')), [
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: [one(objects, 'Secret').metadata.name],
      verbs: ['get', 'watch', 'update'],
    },
  ])
})

helmTest(
  'may make Events and access reviews, and write its configuration alone, where others see to the certificate',
  async () => {
    for (const name of ['cert-manager', "a certificate of the user's"]) {
      const objects = await render(combinations[name])
      const verbs = objects
        .filter(({ kind, metadata }) => kind.endsWith('Role') && !metadata.annotations)
        .filter(({ metadata }) => !metadata.name.endsWith('-history'))
        .flatMap(role => rulesOf(role).flatMap(rule => rule.verbs))
      assert.deepEqual([...new Set(verbs)].sort(), ['create', 'get', 'list', 'patch', 'watch'])
      assert.deepEqual(
        rulesOf(one(objects, 'ClusterRole'))
          .filter(rule => /patch|create/.test(rule.verbs.join()))
          .map(rule => rule.resourceNames ?? rule.resources),
        [['events'], ['subjectaccessreviews'], ['guard-canary-guard']],
      )
      assert.equal(
        objects.some(({ kind }) => kind === 'Secret'),
        false,
      )
    }
  },
)

/** The kinds of which the guard reads objects by name before it denies, over the examples of all rules. */
function kindsReadByName(): ReadonlySet<Kind> {
  const named = guardedRules.flatMap(rule => {
    const { violates } = examples[`${rule.id} ${rule.subject}`]!
    const objects: readonly KubeObject[] = objectsOf(violates)
    const judge = { rules: [rule], settings: { complete: true, relativeWeights: false, now: Date.now() } }
    return lintView(judge, snapshot(objects)).flatMap(finding => {
      // What no other object bears on is found in nobody's review but its own, where the request has it.
      const subject = rule.reads.length === 0 ? finding.ref : { ...finding.ref, name: 'another' }
      return evidenceOf(finding, subject).flatMap(({ kind, name }) => (name === undefined ? [] : [kind]))
    })
  })
  return new Set(named)
}

helmTest('may get by name exactly the kinds that it reads so before a denial', async () => {
  const gettable = rulesOf(one(await render(), 'ClusterRole'))
    .filter(({ resourceNames, verbs }) => resourceNames === undefined && verbs.includes('get'))
    .flatMap(({ apiGroups, resources: plurals }) =>
      apiGroups.flatMap(group => plurals.map(plural => `${group}/${plural}`)),
    )
  assert.deepEqual(
    gettable.sort(),
    [...kindsReadByName()].map(kind => `${resources[kind].group}/${resources[kind].plural}`).sort(),
  )
})
