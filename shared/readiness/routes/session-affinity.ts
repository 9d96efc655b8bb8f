import { refOf } from '../../objects/kinds.ts'
import { serviceWord, shellWord } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf } from '../../objects/unchecked.ts'
import { countedShares } from '../../routing/traffic.ts'
import { routingNeeds } from '../../rules/facts/destinations.ts'
import type { ReadinessFix, ServiceCheck } from '../check.ts'
import type { ServiceSubject } from '../subject.ts'

/** kube-proxy implements it, and proxies of the mesh bypass kube-proxy: users of a split change version between requests. */
export const sessionAffinity: ServiceCheck = {
  id: 'session-affinity',
  summary:
    'Where the Service has sessionAffinity, users of a split keep their version by a cookie: proxies ignore sessionAffinity.',
  fix: 'Let users keep their version by a cookie: `kubectl canary weight … --sticky`.',
  needs: routingNeeds,
  states: ['warn'],
  ofMesh: true,
  *check(subject) {
    const { services, reading } = subject
    const asking = services.find(({ spec }) => fieldsOf(spec)['sessionAffinity'] === 'ClientIP')
    if (services.length === 0) return
    if (asking === undefined) {
      yield { state: 'pass', message: 'the Service has no sessionAffinity' }
      return
    }
    const { name } = asking.metadata
    const split = splitOf(subject)
    if (split === undefined)
      yield { state: 'pass', message: `Service ${name} has sessionAffinity, and its requests are not split` }
    else if (reading.canary.sticky !== undefined)
      yield { state: 'pass', message: 'users keep their version by a cookie' }
    else
      yield {
        state: 'warn',
        ref: refOf(asking),
        message: `proxies ignore sessionAffinity: ClientIP of Service ${name}: users can change version between requests`,
        fix: keeping(subject, split),
      }
  },
}

type SplitShares = readonly { readonly version: string; readonly percent: number }[]

/** The first split of ordinary requests over more than one version. */
const splitOf = ({ reading }: ServiceSubject): SplitShares | undefined =>
  reading.traffic.entryPoints
    .flatMap(countedShares)
    .map(shares => shares.filter(({ percent }) => percent > 0))
    .find(shares => shares.length > 1)

/** The same split, kept by a cookie. */
function keeping({ service, reading }: ServiceSubject, split: SplitShares): ReadinessFix {
  const isWhole = split.every(({ percent }) => Number.isInteger(percent))
  if (!isWhole) return { commands: ['Set the weights again with --sticky: kubectl canary weight --help'] }
  const [most] = split.toSorted((a, b) => b.percent - a.percent)
  // Without a record of it, the version with most of the requests.
  const stable = reading.canary.stable.length > 0 ? '' : ` --stable ${shellWord(most!.version)}`
  const shares = split.map(({ version, percent }) => shellWord(`${version}=${percent}`)).join(' ')
  return {
    commands: [
      `kubectl canary weight ${serviceWord(service.name)} ${shares} --sticky${stable} -n ${service.namespace}`,
    ],
  }
}
