/** Run in a network of its own, with a second address on `lo`: a guard that the API server reaches by its Service. Ends with 0 if it judges. */
import { argv } from 'node:process'
import { startCluster } from '../../../cluster/cluster.ts'
import { guarded } from '../guarded.ts'
import { all, destinationRule, route, service } from '../manifests.ts'

const [, , address = ''] = argv
await using cluster = await startCluster({ aggregatorRouting: true })
await using _guard = await guarded(cluster, {
  service: { namespace: 'default', name: 'canary-guard', address },
})
await cluster.apply(all(service, destinationRule(['v1', 'v2'])), { namespace: 'default' })
const refused = await cluster.kubectl(['apply', '-f', '-'], { stdin: route(90, 20) })
const taken = await cluster.kubectl(['apply', '-f', '-'], { stdin: route(90, 10) })
console.log(JSON.stringify({ refused: refused.stderr, taken: taken.code }))
