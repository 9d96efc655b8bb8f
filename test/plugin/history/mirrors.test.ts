import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { catalogWorld } from './catalog-world.ts'
import { statusInWords } from '../print/status-in-words.ts'

const real = clusterTests()

interface Routed {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: { readonly http: readonly Readonly<Record<string, unknown>>[] }
}

real('mirrors come and go on a cluster with their history, and undo brings them back', async cluster => {
  const world = await catalogWorld(cluster)
  const start = await world.state()
  const read = async (): Promise<Routed> =>
    (await cluster.expect(world.path('virtualservices', 'catalog'))) as Routed
  const first = await world.does('mirror catalog v2=25 --reason rehearsal')
  assert.match(first.stdout, /^catalog: everyone → v1; 25 % mirrored to v2\n/)
  assert.match(first.stderr, /v2 gets copies of requests that change data/)
  assert.deepEqual(
    (await read()).spec.http.map(({ mirror, mirrorPercentage }) => [mirror, mirrorPercentage]),
    [[{ host: 'catalog', subset: 'v2' }, { value: 25 }]],
  )
  assert.match((await world.does('mirror catalog v2=25')).stdout, /unchanged/)
  await world.does('mirror catalog v2=0.5')
  assert.match(statusInWords((await world.does('status catalog')).stdout), /mirror +→ v2 0\.5 %/)
  assert.match((await world.does('list')).stdout, /v2=0\.5/)
  await world.does('mirror catalog --off')
  assert.deepEqual(await world.state(), start)
  const { stdout } = await world.does('history catalog -o json')
  const { changes } = JSON.parse(stdout) as { readonly changes: readonly Record<string, unknown>[] }
  assert.deepEqual(
    changes.map(({ title, stable, reason }) => [title, stable, reason]),
    [
      ['mirror v2=25', 'v1', 'rehearsal'],
      ['mirror v2=0.5', 'v1', undefined],
      ['mirror off', 'v1', undefined],
    ],
  )
  await world.does('undo catalog')
  assert.match(statusInWords((await world.does('status catalog')).stdout), /mirror +→ v2 0\.5 %/)
  await world.does('undo catalog --to-revision 0')
  assert.deepEqual(await world.state(), start)
})

real(
  'a mirror by hand is as the server had it when ours has gone, and a promotion ends the rest',
  async cluster => {
    const world = await catalogWorld(cluster)
    await cluster.expect(world.path('virtualservices', 'catalog'), {
      method: 'PATCH',
      contentType: 'application/json-patch+json',
      body: [
        { op: 'add', path: '/spec/http/0/mirror', value: { host: 'catalog-public' } },
        { op: 'add', path: '/spec/http/0/mirrorPercentage', value: { value: 5 } },
      ],
    })
    const start = await world.state()
    await world.does('mirror catalog v2=25')
    const dry = await world.does('mirror catalog v2=50 --dry-run=server')
    assert.match(dry.stdout, /50 % mirrored to v2/)
    await world.does('weight catalog v2=10')
    const aborted = await world.does('abort catalog')
    assert.match(aborted.stderr, /The mirror to v2 is removed/)
    assert.match(aborted.stderr, /The mirror to catalog-public stays/)
    assert.deepEqual(await world.state(), start)
    await world.does('mirror catalog v2=25')
    const off = await world.does('mirror catalog --off')
    assert.match(off.stderr, /The mirror to catalog-public stays/)
    assert.deepEqual(await world.state(), start)
    await world.does('mirror catalog v2=100')
    const promoted = await world.does('promote catalog v2')
    assert.match(promoted.stderr, /The mirror to v2 is removed/)
    assert.doesNotMatch(
      statusInWords((await world.does('status catalog')).stdout),
      /v2 100 %\n.*mirror +→ v2/,
    )
  },
)
