import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { guardDenies } from './guard-denies.ts'
import { exempted, isDenied, objectOf, pathIn, sent, split, warned, withPolicy } from './policed.ts'

const real = clusterTests({ needs: ['helm4'] })

real('an exemption needs the rule and a reason, as for the guard', async cluster => {
  await using _ = await withPolicy(cluster)
  const after = split(90, 20)
  for (const text of [
    'weights-sum-to-100: load test',
    ' weights-sum-to-100 :load test',
    'unknown-host: x\nweights-sum-to-100: load test',
    'unknown-host: x; weights-sum-to-100: load: test',
    'weights-sum-to-100',
    'weights-sum-to-100:',
    'weights-sum-to-100: ;unknown-host: x',
    'weights-sum-to-100:\nload test',
    'invalid-weight: weights-sum-to-100: x',
    'no-weights-sum-to-100: x',
    '',
  ]) {
    const metadata = { annotations: { 'kubectl-canary/exempt': text } }
    assert.equal(
      isDenied(await sent(cluster, { metadata }, { after })),
      guardDenies({ after }, {}, metadata),
      text,
    )
  }
})

const whoMay: readonly (readonly [
  what: string,
  exemptions: object,
  isNewCounted: boolean,
  isOldCounted: boolean,
])[] = [
  ['anyone', { allowed: 'anyone', never: ['unknown-host'] }, true, true],
  ['a group of the user', { allowed: { groups: ['system:masters'] } }, true, true],
  ['the user', { allowed: { users: ['admin'] } }, true, true],
  ['others', { allowed: { users: ['jane'], groups: ['team'] } }, false, true],
  ['nobody', { allowed: 'nobody' }, false, true],
  ['nobody, from this rule, and nothing stays', { never: ['weights-sum-to-100'] }, false, false],
]

for (const [what, exemptions, isNewCounted, isOldCounted] of whoMay) {
  real(
    `an exemption counts if the configuration lets the user write it, or if it stood before: ${what}`,
    async cluster => {
      const annotations = exempted
      await cluster.expect(pathIn('default'), {
        method: 'POST',
        body: objectOf(split(90, 20), { annotations, name: 'standing' }),
      })
      await using _ = await withPolicy(cluster, { config: { exemptions } })
      const created = await sent(cluster, { metadata: { annotations } }, { after: split(90, 30) })
      const changed = await cluster.request(`${pathIn('default')}/standing?dryRun=All`, {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { spec: split(90, 30) },
      })
      await cluster.expect(`${pathIn('default')}/standing`, { method: 'DELETE' })
      assert.deepEqual([isDenied(created), isDenied(changed)], [!isNewCounted, !isOldCounted])
    },
  )
}

real('where the rule only warns, the policy warns', async cluster => {
  await using _ = await withPolicy(cluster, { config: { rules: { 'weights-sum-to-100': 'warn' } } })
  assert.equal(await warned(cluster, 'default'), true)
})

real(
  'asks nobody whom the guard does not ask: other namespaces, exempt users, objects that are being deleted',
  async cluster => {
    await using _ = await withPolicy(cluster, {
      config: { exemptUsers: ["o'brien"] },
      webhook: {
        excludedNamespaces: ['legacy'],
        namespaceSelector: { matchExpressions: [{ key: 'out', operator: 'DoesNotExist' }] },
      },
    })
    await cluster.expect('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: 'legacy' } } })
    const after = split(90, 20)
    for (const namespace of [
      'legacy',
      'kube-system',
      await cluster.namespace({ 'kubectl-canary/guard': 'disabled' }),
      await cluster.namespace({ out: 'yes' }),
    ])
      assert.equal(isDenied(await sent(cluster, { namespace }, { after })), false, namespace)
    for (const version of ['v1', 'v1beta1', 'v1alpha3'])
      assert.equal(isDenied(await sent(cluster, { version }, { after })), true)
    for (const [user, expected] of [
      ["o'brien", 0],
      ['jane', 1],
      ['system:serviceaccount:guard-system:guard-canary-guard-test', 0],
    ] as const) {
      const args = ['create', '--dry-run=server', '--as', user, '--as-group', 'system:masters', '-f', '-']
      const { code, stderr } = await cluster.kubectl(args, { stdin: JSON.stringify(objectOf(after)) })
      assert.equal(code, expected, stderr)
    }
    const metadata = { finalizers: ['example.com/wait'], annotations: exempted }
    await cluster.expect(pathIn('default'), { method: 'POST', body: objectOf(after, metadata) })
    await cluster.expect(`${pathIn('default')}/probe`, { method: 'DELETE' })
    await cluster.expect(`${pathIn('default')}/probe`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null, annotations: null }, spec: split(90, 30) },
    })
  },
)
