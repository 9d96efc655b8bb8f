import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { guarded } from '../guarded.ts'
import { all, destinationRule, route, service } from '../manifests.ts'
import { deployment } from '../scene.ts'
import { blocksOf } from './denial.ts'

const real = clusterTests()
const files = {
  deployments: all(deployment('v1'), deployment('v2')),
  service,
  rule: destinationRule(['v1', 'v2']),
  route: route(90, 10),
}
type File = keyof typeof files
const [core, apps, istio] = ['/api/v1', '/apis/apps/v1', '/apis/networking.istio.io/v1']
const kinds = [
  [apps, 'deployments'],
  [core, 'services'],
  [istio, 'destinationrules'],
  [istio, 'virtualservices'],
]

/** The objects of these kinds that a namespace still holds. */
async function left(cluster: Cluster, namespace: string): Promise<readonly unknown[]> {
  const lists = await Promise.all(
    kinds.map(([api, kind]) => cluster.expect(`${api}/namespaces/${namespace}/${kind}`)),
  )
  return lists.flatMap(list => (list as { readonly items: readonly unknown[] }).items)
}

const orders = (names: readonly File[]): readonly (readonly File[])[] =>
  names.length === 0
    ? [[]]
    : names.flatMap(name => orders(names.filter(other => other !== name)).map(rest => [name, ...rest]))

real('kubectl delete -f of a folder', async (cluster, context) => {
  await using _guard = await guarded(cluster, { rules: guardedRules })
  for (const order of orders(Object.keys(files) as File[])) {
    const isFree = order.indexOf('rule') > Math.min(order.indexOf('service'), order.indexOf('route'))
    await context.test(
      `${order.join(', ')}: ${isFree ? 'goes at once' : 'is refused once, with what to do, and goes when it is run again'}`,
      async () => {
        const namespace = await cluster.namespace()
        await cluster.apply(all(...Object.values(files)), { namespace })
        const folder = await mkdtemp(join(tmpdir(), 'canary-folder-'))
        try {
          await Promise.all(order.map((name, i) => writeFile(join(folder, `${i}-${name}.yaml`), files[name])))
          const first = await cluster.kubectl(['delete', '-f', folder, '-n', namespace])
          assert.equal(first.code, isFree ? 0 : 1, first.stderr)
          const blocks = blocksOf(first.stderr)
          assert.deepEqual(
            [...new Set(blocks.map(({ rule, object }) => `${rule} ${object}`))],
            isFree ? [] : [`subset-without-destination-rule VirtualService ${namespace}/catalog`],
          )
          assert.deepEqual(
            blocks[0]?.fix.slice(0, 2) ?? [],
            isFree
              ? []
              : [
                  `Delete VirtualService ${namespace}/catalog first, or run the same command again if it deletes both:`,
                  `kubectl delete virtualservices.networking.istio.io catalog -n ${namespace}`,
                ],
          )
          if (!isFree) {
            const again = await cluster.kubectl([
              'delete',
              '-f',
              folder,
              '-n',
              namespace,
              '--ignore-not-found',
            ])
            assert.deepEqual([again.code, again.stderr], [0, ''])
          }
          assert.deepEqual(await left(cluster, namespace), [])
        } finally {
          await rm(folder, { recursive: true })
        }
      },
    )
  }
})
