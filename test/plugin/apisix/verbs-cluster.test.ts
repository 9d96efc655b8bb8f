import assert from 'node:assert/strict'
import type { ApisixRule } from '../../../shared/objects/apisix/apisix-route.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { apisixWorld, leadingTo, type ApisixWorld } from './apisix-world.ts'

/** The rules of cohort internal for v2: after all others, one priority higher, everything else copied. */
const cohortRules = (rules: readonly ApisixRule[]): readonly ApisixRule[] =>
  leadingTo(rules, { serviceName: 'catalog-v2' })
    .filter(({ backends }) => backends![0]!.serviceName === 'catalog-v2')
    .map(rule => ({
      ...rule,
      name: `${rule.name}-internal`,
      priority: (rule.priority ?? 0) + 1,
      match: {
        ...rule.match,
        exprs: [
          ...(rule.match!.exprs ?? []),
          { subject: { scope: 'Header', name: 'x-istio-cohort' }, op: 'Equal', value: 'internal' },
        ],
      },
    }))

interface Started {
  readonly world: ApisixWorld
  readonly start: readonly unknown[]
  readonly original: readonly ApisixRule[]
}

const begin = async (cluster: Cluster): Promise<Started> => {
  const world = await apisixWorld(cluster)
  return { world, start: await world.state(), original: await world.rules() }
}

for (const set of ['apisix', 'apisix-1'] as const) {
  const real = clusterTests({ crds: ['istio', set] })
  const what = set === 'apisix' ? 'of 2.x' : 'of 1.x'

  real(`a cohort appends rules to an ApisixRoute ${what}, and its removal leaves nothing`, async cluster => {
    const { world, start, original } = await begin(cluster)
    await world.does('cohort internal catalog --to v2')
    assert.deepEqual(await world.rules(), [...original, ...cohortRules(original)])
    await world.does('cohort internal catalog --to v2')
    assert.deepEqual(await world.rules(), [...original, ...cohortRules(original)])
    assert.match((await world.does('cohorts')).stdout, /internal/)
    await world.does('cohort internal catalog --remove')
    assert.deepEqual(await world.state(), start)
  })

  real(`conditions of each kind are expressions that an ApisixRoute ${what} takes`, async cluster => {
    const { world, start, original } = await begin(cluster)
    await world.does(
      'cohort beta catalog --to v2 --header x-user:prefix=a.b --header x-team:regex=a|b --header x-any --cookie c=1 --query q=2',
    )
    assert.deepEqual((await world.rules())[original.length + 1]!.match!.exprs, [
      { subject: { scope: 'Header', name: 'x-user' }, op: 'RegexMatch', value: '^a\\.b' },
      { subject: { scope: 'Header', name: 'x-team' }, op: 'RegexMatch', value: '^(?:a|b)$' },
      { subject: { scope: 'Header', name: 'x-any' }, op: 'RegexMatch', value: '^' },
      { subject: { scope: 'Cookie', name: 'c' }, op: 'Equal', value: '1' },
      { subject: { scope: 'Query', name: 'q' }, op: 'Equal', value: '2' },
    ])
    await world.does('cohort beta catalog --remove')
    assert.deepEqual(await world.state(), start)
  })

  real(`weights of an ApisixRoute ${what} end with abort, and undo takes each step back`, async cluster => {
    const { world, start, original } = await begin(cluster)
    const split = (v1: number, v2: number) =>
      leadingTo(
        original,
        { serviceName: 'catalog-v1', weight: v1 },
        { serviceName: 'catalog-v2', weight: v2 },
      )
    await world.does('weight catalog v2=10')
    assert.deepEqual(await world.rules(), split(90, 10))
    await world.does('weight catalog v2=25')
    assert.deepEqual(await world.rules(), split(75, 25))
    const { stdout } = await world.does('status catalog')
    assert.match(stdout, /75/)
    await world.does('undo catalog')
    assert.deepEqual(await world.rules(), split(90, 10))
    await world.does('abort catalog')
    assert.deepEqual(await world.state(), start)
    await world.does('undo catalog')
    assert.deepEqual(await world.rules(), split(90, 10))
    await world.does('undo catalog --to-revision 0')
    assert.deepEqual(await world.state(), start)
  })

  real(
    `promote turns an ApisixRoute ${what} to the new version, and history tells the day`,
    async cluster => {
      const { world, start, original } = await begin(cluster)
      await world.does('cohort internal catalog --to v2')
      await world.does('weight catalog v2=10')
      await world.does('promote catalog v2')
      assert.deepEqual(await world.rules(), leadingTo(original, { serviceName: 'catalog-v2' }))
      const { stdout } = await world.does('history catalog -o json')
      const { changes } = JSON.parse(stdout) as { readonly changes: readonly { readonly title: string }[] }
      assert.deepEqual(
        changes.map(({ title }) => title),
        ['cohort internal → v2', 'weight v1=90,v2=10', 'promote v2'],
      )
      await world.does('undo catalog --to-revision 0')
      assert.deepEqual(await world.state(), start)
    },
  )
}
