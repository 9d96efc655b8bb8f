import assert from 'node:assert/strict'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import { until } from '../../../cluster/cluster.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { guarded } from '../guarded.ts'
import { canary, transitions } from './releases.ts'
import { flux } from './tools.ts'

const real = clusterTests()
const [, taken] = transitions['a canary is taken back']!
/** The revision without its routes, as where a release stops half way. */
const half = [...taken.filter(({ kind }) => kind !== 'VirtualService'), canary.at(-1)!]
const report = 'still broken after a release'

interface Events {
  readonly items: readonly {
    readonly reason: string
    readonly message: string
    readonly involvedObject: { readonly kind: string; readonly name: string }
  }[]
}

real(
  'what a release leaves broken is a log line, a metric and an Event on the object, once',
  async cluster => {
    const namespace = await cluster.namespace()
    await using guard = await guarded(cluster, { rules: guardedRules, config: { settleSeconds: 2 } })
    const tool = flux(cluster, namespace)
    assert.deepEqual(await tool.deploy(canary, []), [])
    assert.deepEqual(await tool.deploy(half, canary), [])
    const events = async (): Promise<Events['items']> =>
      ((await cluster.expect(`/api/v1/namespaces/${namespace}/events`)) as Events).items
    await until('there is an Event', async () => (await events()).length > 0)
    const [{ reason, message, involvedObject }] = (await events()) as [Events['items'][number]]
    assert.deepEqual(
      [reason, involvedObject.kind, involvedObject.name],
      ['CanaryRoutingBroken', 'VirtualService', 'catalog'],
    )
    assert.match(message, /^undefined-subset: .* subset v2 is not defined/)
    assert.equal(guard.lines.filter(({ msg }) => msg === report).length, 1)
    const { stdout } = await cluster.kubectl(['describe', 'virtualservice', 'catalog', '-n', namespace])
    assert.match(stdout, /Warning\s+CanaryRoutingBroken .*undefined-subset/)
    const probes = await fetch(`http://127.0.0.1:${guard.guard.probePort}/metrics`)
    assert.match(await probes.text(), /^canary_guard_unsettled_total 1$/m)
  },
)

real('a release that is completed in time is reported nowhere', async cluster => {
  const namespace = await cluster.namespace()
  await using guard = await guarded(cluster, { rules: guardedRules, config: { settleSeconds: 3 } })
  const tool = flux(cluster, namespace)
  for (const [release, before] of [
    [canary, []],
    [half, canary],
    [taken, half],
  ] as const)
    assert.deepEqual(await tool.deploy(release, before), [])
  await new Promise(resolve => setTimeout(resolve, 3_500))
  assert.deepEqual(
    guard.lines.filter(({ msg }) => msg === report),
    [],
  )
})

real('kubectl scale to zero of a routed version is allowed with a warning', async cluster => {
  const namespace = await cluster.namespace()
  await using _ = await guarded(cluster, { rules: guardedRules })
  assert.deepEqual(await flux(cluster, namespace).deploy(canary, []), [])
  const { code, stderr } = await cluster.kubectl([
    'scale',
    'deployment',
    'catalog-v2',
    '--replicas=0',
    '-n',
    namespace,
  ])
  assert.equal(code, 0, stderr)
  assert.match(
    stderr,
    /^Warning: subset-matches-no-workload: .* subset v2 has only workloads that are scaled to zero/m,
  )
})
