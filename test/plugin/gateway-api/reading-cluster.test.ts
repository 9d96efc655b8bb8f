import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { statusInWords } from '../print/status-in-words.ts'
import { gatewayWorld, grpcRoute, httpRoute, type GatewayWorld } from './gateway-world.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })

interface Shown {
  readonly stable: string
  readonly entryPoints: readonly {
    readonly ref: { readonly kind: string }
    readonly cohorts: readonly { readonly name: string; readonly to: string; readonly reached: boolean }[]
    readonly splits: readonly {
      readonly takes: string
      readonly shares: readonly { readonly version: string; readonly percent: number }[]
    }[]
  }[]
}

async function shown(world: GatewayWorld): Promise<object> {
  const { stdout } = await world.does('status catalog -o json')
  const [service] = (JSON.parse(stdout) as { readonly services: readonly Shown[] }).services
  return {
    stable: service!.stable,
    routes: service!.entryPoints.map(({ ref, cohorts, splits }) => ({
      kind: ref.kind,
      cohorts: cohorts.map(({ name, to, reached }) => `${name} ${to} ${reached}`),
      splits: splits.map(
        ({ takes, shares }) =>
          `${takes}: ${shares.map(({ version, percent }) => `${version}=${percent}`).join(' ')}`,
      ),
    })),
  }
}

for (const [at, url] of [
  ['gateway', 'http://catalog.example.com/items/1'],
  ['service', 'http://catalog/items/1'],
] as const)
  real(`status, list and try agree on a canary by an HTTPRoute at a ${at}`, async cluster => {
    const world = await gatewayWorld(cluster, httpRoute(at))
    await world.does('cohort internal catalog --to v2')
    await world.does('weight catalog v2=10')
    assert.deepEqual(await shown(world), {
      stable: 'v1',
      routes: [
        {
          kind: 'HTTPRoute',
          cohorts: ['internal v2 true'],
          splits: ['/items/*: v1=90 v2=10', ': v1=90 v2=10'],
        },
      ],
    })
    assert.match((await world.does('list')).stdout, /^catalog +v1 +v1=90,v2=10 +internal=v2 /m)
    const inCohort = `try ${url} --header x-istio-cohort=internal`
    assert.match(
      (await world.does(`${inCohort} --expect v2`)).stdout,
      /spec\.rules\[3\], for cohort internal/,
    )
    assert.match((await world.does(`try ${url}`)).stdout, /→ v1 +90 %.*\n→ v2 +10 %.*\n.*spec\.rules\[0\]/)
    await world.does('abort catalog')
    await world.does(`${inCohort} --expect v1`)
    assert.equal((await world.does('list')).stdout, '')
  })

real('status and list read a canary by a GRPCRoute', async cluster => {
  const world = await gatewayWorld(cluster, grpcRoute)
  await world.does('cohort internal catalog --to v2')
  await world.does('weight catalog v2=10')
  assert.deepEqual(await shown(world), {
    stable: 'v1',
    routes: [
      {
        kind: 'GRPCRoute',
        cohorts: ['internal v2 true'],
        splits: ['/shop.Catalog/List: v1=90 v2=10', ': v1=90 v2=10'],
      },
    ],
  })
  assert.match(
    statusInWords((await world.does('status catalog')).stdout),
    /catalog\.example\.com on \S+\/public/,
  )
  assert.match((await world.does('list')).stdout, /^catalog +v1 +v1=90,v2=10 +internal=v2 /m)
})
