import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stringify } from 'yaml'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { openStore } from '../../../plugin/open-store.ts'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'
import { runCommand, words, type Ended } from '../../plugin/run-command.ts'
import { committed, ControllerStore, liveObjects } from './worlds.ts'

const routed = ['flagger-istio', 'flagger-ab', 'flagger-gateway-api'] as const
const isRoute = ({ kind }: KubeObject): boolean => kind === 'VirtualService' || kind === 'HTTPRoute'
const routeOf = ({ objects }: ControllerStore): KubeObject => objects.find(isRoute)!

/** Runs one line after the other on a cluster; each must work. */
async function goingOn(store: ControllerStore, ...lines: readonly string[]): Promise<Ended> {
  let last: Ended | undefined
  for (const line of lines) {
    last = await runCommand(words(`${line} -n shop`), { store })
    assert.equal(last.code, 0, `${line}: ${last.stderr}`)
  }
  return last!
}
const byHand = ['pause podinfo', 'weight podinfo podinfo-canary=30'] as const
const weightsIn = (route: KubeObject): readonly (readonly [string, number])[] =>
  [...JSON.stringify(route).matchAll(/"(podinfo-(?:primary|canary))"[^{}]*\}?,"?[^{}]*?"weight":(\d+)/g)].map(
    ([, name, weight]) => [name!, Number(weight)] as const,
  )

for (const world of routed) {
  test(`${world}: an abort takes shares back that were set by hand, and leaves the Canary suspended`, async () => {
    for (const name of ['podinfo', '']) {
      const store = new ControllerStore(liveObjects(world))
      await goingOn(store, ...byHand, `abort ${name}`)
      assert.doesNotMatch(JSON.stringify(routeOf(store)), /kubectl-canary|:30/)
      for (const [version, weight] of weightsIn(routeOf(store)))
        assert.equal(weight, version === 'podinfo-primary' ? 100 : 0)
      const canary = store.objects.find(({ kind }) => kind === 'Canary')!
      assert.equal((Reflect.get(canary, 'spec') as { suspend?: boolean }).suspend, true)
    }
  })

  test(`${world}: an undo of shares that were set by hand gives back what Flagger had written`, async () => {
    const store = new ControllerStore(liveObjects(world))
    const before = routeOf(store)
    await goingOn(store, ...byHand, 'undo podinfo')
    assert.deepEqual(routeOf(store), before)
    // Without a change of ours, an undo is an order, which Flagger has not.
    const other = new ControllerStore(liveObjects(world))
    await goingOn(other, 'pause podinfo')
    assert.equal((await runCommand(words('undo podinfo -n shop'), { store: other })).code, 3)
  })

  test(`${world}: a Canary goes on without our shares and annotations, and that is said`, async () => {
    const store = new ControllerStore(liveObjects(world))
    const { stdout, stderr } = await goingOn(store, ...byHand, 'resume podinfo')
    assert.match(stderr, /set by hand are taken back first: Flagger continues from 0 %/)
    assert.match(stdout, /everyone[^\n]* → podinfo-primary\n/)
    assert.match(stdout, /Canary shop\/podinfo continues/)
    assert.doesNotMatch(JSON.stringify(routeOf(store)), /kubectl-canary|:30/)
    // Where nothing was set, nothing but the Canary is written.
    const untouched = new ControllerStore(liveObjects(world))
    await goingOn(untouched, 'pause podinfo', 'resume podinfo')
    assert.deepEqual(routeOf(untouched), routeOf(new ControllerStore(liveObjects(world))))
  })
}

test('on files, too, shares of a suspended Canary are set and taken back, and the route is as it was', async () => {
  using folder = new ManifestsFolder()
  const route = liveObjects('flagger-istio').filter(object => isRoute(object) || object.kind === 'Service')
  folder.write('all.yaml', [committed('flagger-istio'), ...route.map(one => stringify(one))].join('---\n'))
  const does = async (line: string): Promise<Ended> => {
    const ended = await runCommand(words(`${line} -f ${folder.path}`), { store: openStore })
    assert.equal(ended.code, 0, `${line}: ${ended.stderr}`)
    return ended
  }
  await does('pause podinfo -n shop')
  await does('weight podinfo podinfo-canary=30 -n shop')
  assert.match(folder.texts()['all.yaml']!, /weight: 30[^]*suspend: true|suspend: true[^]*weight: 30/)
  await does('abort podinfo -n shop')
  const taken = folder.texts()['all.yaml']!
  assert.doesNotMatch(taken, /weight: 30|kubectl-canary/)
  assert.match(taken, /suspend: true/)
  await does('weight podinfo podinfo-canary=30 -n shop')
  assert.match((await does('resume podinfo -n shop')).stderr, /taken back first/)
  assert.doesNotMatch(folder.texts()['all.yaml']!, /weight: 30|kubectl-canary|suspend: true/)
})
