import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { until, type Cluster } from '../../cluster/cluster.ts'
import type { Crd } from '../../cluster/crds.ts'
import { backend, gatewayWorld, httpRoute } from './gateway-world.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })

/** Without timeouts, which came later. */
const older = httpRoute('gateway').replace(', timeouts: { request: 5s }', '')

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Puts the definition of HTTPRoutes of v1.1.0 in the place of today's. */
async function downgrade(cluster: Cluster): Promise<void> {
  const file = new URL('../../fixtures/gateway-api/v1.1.0-standard-httproutes.yaml', import.meta.url)
  const older = parse(await readFile(file, 'utf8')) as Crd
  const path = `${crds}/${older.metadata.name}`
  const { metadata } = (await cluster.expect(path)) as { readonly metadata: { readonly annotations: object } }
  if (JSON.stringify(metadata.annotations).includes('v1.1.0')) return
  await cluster.expect(path, { method: 'DELETE' })
  await until('the definition is gone', async () => (await cluster.request(path)).status === 404)
  await cluster.expect(crds, { method: 'POST', body: older })
  await until('the older definition is served', async () => {
    const { status } = (await cluster.expect(path)) as Crd
    if (!status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True'))
      return false
    const route = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'probe' },
      spec: { rules: [{ name: 'a' }] },
    }
    const answer = await cluster.request(
      '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes?dryRun=All&fieldValidation=Strict',
      { method: 'POST', body: route },
    )
    return answer.status === 400
  })
}

real('cohorts, weights and undo work with the definitions of v1.1.0', async cluster => {
  await downgrade(cluster)
  const world = await gatewayWorld(cluster, older)
  const start = await world.state()
  await world.does('cohort internal catalog --to v2')
  await world.does('weight catalog v2=10')
  await world.does('cohort internal catalog --remove')
  const { spec } = await world.route()
  assert.deepEqual(spec?.rules?.[2]?.backendRefs, [backend('catalog-v1', 90), backend('catalog-v2', 10)])
  await world.does('promote catalog v2')
  await world.does('undo catalog --to-revision 0')
  assert.deepEqual(await world.state(), start)
})

real('a mirror of a part is refused where the definitions know no part, and its fix works', async cluster => {
  await downgrade(cluster)
  const world = await gatewayWorld(cluster, older)
  const start = await world.state()
  let fix = ''
  for (const part of ['25', '0.5']) {
    const { code, stderr } = await world.canary(`mirror catalog v2=${part} --history-limit=9`)
    const field = part === '25' ? 'percent' : 'fraction'
    assert.equal(code, 1, stderr)
    assert.equal(
      stderr.slice(stderr.indexOf('error: ')),
      `error: HTTPRoute ${world.namespace}/catalog: the definition of httproutes.gateway.networking.k8s.io on this cluster has no field spec.rules[0].filters[1].requestMirror.${field}, spec.rules[2].filters[0].requestMirror.${field}
  It is older than v1.3 of the Gateway API, and without the field all requests would be mirrored. Upgrade the custom resource definitions of the Gateway API, or mirror all requests.
  To mirror all: kubectl canary mirror catalog v2=100 --history-limit=9 -n ${world.namespace} --kubeconfig ${cluster.kubeconfig}
`,
    )
    assert.deepEqual(await world.state(), start)
    fix = /kubectl canary (.*)\n$/.exec(stderr)![1]!
  }
  await world.does(fix)
  assert.deepEqual((await world.route()).spec?.rules?.[2]?.filters, [
    {
      type: 'RequestMirror',
      requestMirror: { backendRef: { group: '', kind: 'Service', name: 'catalog-v2', port: 80 } },
    },
  ])
  await world.does('mirror catalog --off')
  assert.deepEqual(await world.state(), start)
})
