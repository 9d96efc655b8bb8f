import assert from 'node:assert/strict'
import test from 'node:test'
import { run as complete } from '../../plugin/complete/complete.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { istio } from '../../shared/providers/istio/provider.ts'
import { madeUp } from '../providers/made-up/provider.ts'
import { MemoryStore } from './memory-store.ts'
import { runCommand, streamsOf, words } from './run-command.ts'

const deployment = (version: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: `catalog-${version}`, namespace: 'shop', labels: { app: 'catalog', version } },
})
const routes = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'catalog-routes', namespace: 'shop', labels: { routes: 'catalog' } },
  data: { split: 'v1=100' },
}

/** A shop whose one Service is routed by a routing API that the product does not know. */
function shop() {
  const store = new MemoryStore(
    [
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'catalog', namespace: 'shop' } },
      deployment('v1'),
      deployment('v2'),
      routes,
    ],
    { namespace: 'shop' },
  )
  const providers = [istio, madeUp]
  return {
    data: () => store.objects.find(({ kind }) => kind === 'ConfigMap') as typeof routes,
    propose: async (line: string) => {
      const written = { stdout: '', stderr: '' }
      await complete(line.split(' '), streamsOf({}, written), { openStore: async () => store, providers })
      return written.stdout
    },
    run: async (line: string) => {
      const { code, stdout, stderr } = await runCommand(words(line), { store, providers })
      const rest = stderr.replace(/^note: v\d has been stable since .*\n/, '')
      assert.deepEqual([code, rest], [0, ''], line)
      return stdout
    },
  }
}

test('every verb works on a routing API that the plugin does not know', async () => {
  const { data, run } = shop()
  assert.match(
    await run('weight v2=10'),
    /^catalog: everyone → v1 90 %, v2 10 %\nconfigmap\/catalog-routes configured/,
  )
  assert.deepEqual(data().data, { split: 'v1=90,v2=10', stable: 'v1' })
  assert.match(
    await run('cohort internal --to v2'),
    /catalog: cohort internal \(x-istio-cohort: internal\) → v2/,
  )
  const status = await run('status')
  assert.match(status, /v2 +10\.0 %/)
  assert.match(await run('cohorts'), /internal +v2/)
  assert.match(await run('cohort internal --remove'), /everyone → v1 90 %, v2 10 %/)
  assert.match(await run('promote v2'), /everyone → v2/)
  assert.deepEqual(data().data, { split: 'v2=100' })
  await run('weight v1=30')
  assert.match(await run('abort'), /everyone → v2/)
  assert.deepEqual(data().data, { split: 'v2=100' })
  assert.match(await run('undo catalog --to-revision 1'), /everyone → v1 90 %, v2 10 %/)
  assert.deepEqual(data().data, { split: 'v1=90,v2=10', stable: 'v1' })
  assert.match(await run('history catalog'), /7 +\S+ +alice +undo of 5 changes, to revision 1/)
})

test('its versions and cohorts are read for status as data, too', async () => {
  const { run } = shop()
  await run('cohort beta --to v2')
  const { services } = JSON.parse(await run('status -o json')) as {
    services: readonly { service: string; entryPoints: readonly { cohorts: readonly { name: string }[] }[] }[]
  }
  assert.deepEqual(
    services.map(({ service, entryPoints }) => [
      service,
      entryPoints.map(({ cohorts }) => cohorts.map(({ name }) => name)),
    ]),
    [['catalog', [['beta']]]],
  )
})

test('its versions and cohorts are proposed by completion', async () => {
  const { run, propose } = shop()
  await run('cohort beta --to v2')
  assert.equal(await propose('promote '), 'v1\nv2\ncatalog\n:4\n')
  assert.equal(await propose('cohort '), 'beta\n:4\n')
})
