import assert from 'node:assert/strict'
import type { HttpRoute, VirtualService } from '../../shared/objects/virtual-service.ts'
import { scenario, type Stage } from './stage.ts'

/** `version-v1=90 version-v2=10` of each http route. */
const splits = ({ spec }: VirtualService): readonly string[] =>
  spec.http!.map(({ route }) =>
    route!
      .map(
        ({ destination, weight }) =>
          `${destination.subset ?? destination.host}${weight === undefined ? '' : `=${weight}`}`,
      )
      .join(' '),
  )
const done = async (stage: Stage, line: string) => {
  const ended = await stage.canary(line)
  assert.equal(ended.code, 0, ended.stderr)
  return ended
}
const withoutSet = ({ name: _, match: _m, ...rest }: HttpRoute) => rest

scenario(
  'internal people get version 2 at the gateway and in the mesh, and a tenth of the others beside them',
  'catalog',
  async stage => {
    const before = await stage.state()
    const { stdout } = await done(stage, 'cohort internal --to v2')
    assert.match(stdout, /^catalog: cohort internal \(x-istio-cohort: internal\) → v2; everyone else → v1$/m)
    for (const name of ['catalog-vs-from-gw', 'catalog']) {
      const object = await stage.virtualService(name)
      assert.deepEqual(object.spec.http![0]!.match, [
        { headers: { 'x-istio-cohort': { exact: 'internal' } } },
      ])
      assert.deepEqual(splits(object), ['version-v2', 'version-v1'])
      assert.equal(object.metadata.annotations?.['kubectl-canary/stable'], 'v1')
    }
    assert.match((await done(stage, 'cohort internal --to v2')).stdout, / unchanged$/m)
    const weighed = await done(stage, 'weight v2=10')
    assert.match(weighed.stdout, /everyone else → v1 90 %, v2 10 %/)
    for (const name of ['catalog-vs-from-gw', 'catalog'])
      assert.deepEqual(splits(await stage.virtualService(name)), [
        'version-v2',
        'version-v1=90 version-v2=10',
      ])
    await done(stage, 'abort')
    assert.deepEqual(await stage.state(), before)
  },
)

scenario('a cohort that comes and goes restores what was there', 'catalog', async stage => {
  const before = await stage.state()
  await done(stage, 'cohort internal --to v2 --header x-debug=1 --cookie user=ann --until 2d --reason tryout')
  await done(stage, 'cohort beta --to v2 --query beta=1')
  assert.match((await done(stage, 'cohorts')).stdout, /internal[^]*beta|beta[^]*internal/)
  await done(stage, 'cohort internal --remove')
  await done(stage, 'cohort beta --remove')
  assert.deepEqual(await stage.state(), before)
  assert.match((await done(stage, 'cohort beta --remove')).stdout, /^unchanged$/m)
})

scenario('a shop is started off, split, promoted and brought back', 'shop', async stage => {
  await done(stage, 'init --service productcatalogservice --stable v1')
  assert.deepEqual(splits(await stage.virtualService('productcatalogservice')), ['v1'])
  await done(stage, 'weight v2=25')
  assert.deepEqual(splits(await stage.virtualService('productcatalogservice')), ['v1=75 v2=25'])
  await done(stage, 'promote v2')
  assert.deepEqual(splits(await stage.virtualService('productcatalogservice')), ['v2'])
  await done(stage, 'promote v1')
  assert.deepEqual(splits(await stage.virtualService('productcatalogservice')), ['v1'])
  assert.equal((await stage.virtualService('productcatalogservice')).metadata.annotations, undefined)
})

scenario(
  'what a rollout controller wrote is shown as it is, and an edit names the owner',
  'flagger',
  async stage => {
    const before = await stage.state()
    const { stdout } = await done(stage, 'status --service catalog')
    assert.match(stdout, /catalog-primary[^]*90[^]*catalog-canary[^]*10/)
    assert.match(stdout, /Canary istioinaction\/catalog-release/)
    for (const line of ['weight catalog-canary=20 --service catalog', 'abort --service catalog']) {
      const { code, stderr } = await stage.canary(line)
      assert.ok(code === 3 || code === 1, stderr)
    }
    const { code, stderr } = await stage.canary('abort --service catalog')
    assert.equal(code, 3, stderr)
    assert.match(stderr, /Canary istioinaction\/catalog-release/)
    assert.deepEqual(await stage.state(), before)
  },
)

scenario(
  'a cohort of one of ten services on a host touches its routes alone',
  'forty-routes',
  async stage => {
    const before = await stage.virtualService('api')
    const whole = await stage.state()
    await done(stage, 'cohort internal --to v2 --service catalog --stable v1')
    const after = await stage.virtualService('api')
    const isCatalog = ({ route }: HttpRoute) =>
      route?.some(({ destination }) => destination.host.startsWith('catalog')) === true
    const added = after.spec.http!.filter(
      route => !before.spec.http!.some(other => JSON.stringify(other) === JSON.stringify(route)),
    )
    assert.equal(added.length, before.spec.http!.filter(isCatalog).length)
    assert.ok(added.length > 0 && added.every(isCatalog))
    assert.deepEqual(
      after.spec.http!.filter(route => !added.includes(route)),
      before.spec.http,
    )
    for (const route of added) {
      const base = after.spec.http![after.spec.http!.indexOf(route) + 1]!
      const { mirror: _m, mirrors: _ms, mirrorPercentage: _p, route: _r, ...inherited } = withoutSet(base)
      const { route: _own, ...own } = withoutSet(route)
      assert.deepEqual(own, inherited)
      assert.ok(route.match!.every(block => block.headers?.['x-istio-cohort']?.exact === 'internal'))
    }
    await done(stage, 'cohort internal --remove --service catalog')
    assert.deepEqual(await stage.state(), whole)
  },
)
