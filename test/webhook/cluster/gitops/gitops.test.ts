import assert from 'node:assert/strict'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { guarded } from '../guarded.ts'
import { canary, faults, transitions } from './releases.ts'
import { argo, flux, type Deployer } from './tools.ts'
import { assertHolds } from './holds.ts'

const real = clusterTests()
const tools: Readonly<Record<string, (cluster: Cluster, namespace: string) => Deployer>> = {
  Flux: flux,
  'Argo CD': argo,
}

for (const [tool, deployerIn] of Object.entries(tools)) {
  real(`${tool} converges, forth and back, whatever a revision removes or renames`, async cluster => {
    await using guard = await guarded(cluster, { rules: guardedRules })
    const converge = async ([what, [first, second]]: (typeof all)[number]): Promise<void> => {
      const namespace = await cluster.namespace()
      const deployer = deployerIn(cluster, namespace)
      for (const [release, before] of [
        [first, []],
        [second, first],
        [first, second],
      ] as const) {
        assert.deepEqual(await deployer.deploy(release, before), [], what)
        await assertHolds(cluster, namespace, release)
      }
    }
    const all = Object.entries(transitions)
    await Promise.all(all.map(converge))
    assert.ok(guard.lines.some(line => line['verdict'] === 'warned'))
  })

  real(
    `${tool} is refused what is wrong in itself, also as an upgrade, and leaves what was`,
    async cluster => {
      await using _ = await guarded(cluster, { rules: guardedRules })
      const refuse = async ([what, [release, rule]]: (typeof all)[number]): Promise<void> => {
        const namespace = await cluster.namespace()
        const deployer = deployerIn(cluster, namespace)
        assert.deepEqual(await deployer.deploy(canary, []), [], what)
        const refusals = await deployer.deploy(release, canary)
        assert.ok(refusals.join('\n').includes(`[${rule}]`), `${what}: ${refusals.join('\n')}`)
        assert.deepEqual(await deployer.deploy(canary, release), [], what)
        await assertHolds(cluster, namespace, canary)
      }
      const all = Object.entries(faults)
      await Promise.all(all.map(refuse))
    },
  )
}

real('a person is refused the edit that a tool may make, and is warned of a deletion', async cluster => {
  const namespace = await cluster.namespace()
  await using _ = await guarded(cluster, { rules: guardedRules })
  assert.deepEqual(await flux(cluster, namespace).deploy(canary, []), [])
  const patch = ['--type=json', '-p=[{"op":"remove","path":"/spec/subsets/1"}]']
  const edited = await cluster.kubectl(['patch', 'destinationrule', 'catalog', '-n', namespace, ...patch])
  assert.equal(edited.code, 1)
  assert.match(edited.stderr, /\[undefined-subset\]/)
  const deleted = await cluster.kubectl(['delete', 'destinationrule', 'catalog', '-n', namespace])
  assert.equal(deleted.code, 0, deleted.stderr)
  assert.match(deleted.stderr, /Warning: subset-without-destination-rule: .*\(VirtualService /)
})
