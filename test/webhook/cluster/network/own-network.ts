/** Run in a network of its own, with a second address on `lo`: a guard that the API server reaches by its Service. Ends with 0 if it judges. */
import { argv } from 'node:process'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import { startCluster } from '../../../cluster/cluster.ts'
import { guarded } from '../guarded.ts'
import { all, destinationRule, route, service } from '../manifests.ts'
import { deployment } from '../scene.ts'
import { callers, denialOf, presenting } from './api-server-certificate.ts'

const [, , address = ''] = argv
await using cluster = await startCluster({
  aggregatorRouting: true,
  apiServerFlags: await presenting({ host: 'canary-guard.default.svc' }),
})
await using _guard = await guarded(cluster, {
  rules: guardedRules,
  service: { namespace: 'default', name: 'canary-guard', address },
  callers: { clientCA: callers.certificate, isNetworkTrusted: false },
})
const objects = [service, deployment('v1'), deployment('v2'), destinationRule(['v1', 'v2'])]
await cluster.apply(all(...objects), { namespace: 'default' })
const refused = await cluster.kubectl(['apply', '-f', '-'], { stdin: route(90, 20) })
const taken = await cluster.kubectl(['apply', '-f', '-'], { stdin: route(90, 10) })
const told = await denialOf(cluster)
console.log(JSON.stringify({ refused: refused.stderr, taken: taken.code, told }))
