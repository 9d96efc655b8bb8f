import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogue } from '../../../../shared/rules/catalogue.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
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
const kinds = 'deployments,services,destinationrules.networking.istio.io,virtualservices.networking.istio.io'

const orders = (names: readonly File[]): readonly (readonly File[])[] =>
  names.length === 0
    ? [[]]
    : names.flatMap(name => orders(names.filter(other => other !== name)).map(rest => [name, ...rest]))

real('kubectl delete -f of a folder', async (cluster, context) => {
  await using _guard = await guarded(cluster, { rules: catalogue })
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
          const { stdout } = await cluster.kubectl(['get', kinds, '-n', namespace, '-o', 'name'])
          assert.equal(stdout, '')
        } finally {
          await rm(folder, { recursive: true })
        }
      },
    )
  }
})
