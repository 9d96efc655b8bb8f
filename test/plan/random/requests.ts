import { anything, unmetBy } from '../../../shared/routing/match.ts'
import { conditionTestOf, type Condition } from '../../../shared/routing/condition.ts'
import { narrow } from '../../../shared/routing/narrow.ts'
import type { Request, RequestCaller } from '../../../shared/routing/request/request.ts'
import { fc } from '../../properties.ts'
import { ingress, re2, workload } from '../../routing/requests.ts'

/** The conditions of a cohort, of every kind. */
export const conditions: fc.Arbitrary<readonly Condition[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<readonly Condition[]>(
      [{ on: 'header', name: 'x-user', match: { prefix: 'an' } }],
      [{ on: 'header', name: 'x-user', match: { regex: 'an+' } }],
      [{ on: 'header', name: 'x-user', match: {} }],
      [{ on: 'cookie', name: 'user', value: 'ann' }],
      [{ on: 'query', name: 'cohort', match: { exact: '1' } }],
      [{ on: 'source-label', name: 'app', value: 'webapp' }],
      [{ on: 'claim', name: 'group', match: { exact: 'internal' } }],
      [
        { on: 'header', name: 'x-user', match: { exact: 'ann' } },
        { on: 'source-label', name: 'app', value: 'webapp' },
      ],
    ),
  },
)

/** Whether a request is of a cohort with these conditions. */
export const isIn = (request: Request, when: readonly Condition[]): boolean =>
  unmetBy(narrow(anything, when), request, re2) === undefined

const callers: readonly (readonly [RequestCaller, readonly string[]])[] = [
  ...[workload('shop'), workload('web'), workload('web', { app: 'webapp' }), workload('other')].map(
    caller => [caller, ['catalog.shop.svc.cluster.local', 'orders.shop.svc.cluster.local']] as const,
  ),
  [ingress, ['shop.example.com', 'api.example.com']],
]
const paths = ['/', '/items', '/items/1', '/ITEMS', '/admin', '/by-hand']
const flavours: readonly Partial<Request>[] = [
  { headers: {} },
  { headers: { 'x-debug': '1' } },
  { headers: { 'x-debug': '2' }, method: 'POST' },
  { headers: { 'x-istio-cohort': 'beta' } },
  { headers: {}, method: 'POST', query: 'beta=1' },
  { headers: {}, query: 'beta=1' },
  { headers: { 'x-debug': '1', 'x-istio-cohort': 'beta' }, method: 'POST', query: 'beta=1' },
]

/** Requests of every caller to every host, port and path that the worlds speak of, with and without what the routes test, and with and without what the conditions ask. */
export const requestsFor = (when: readonly Condition[]): readonly Request[] =>
  callers.flatMap(([caller, hosts]) =>
    hosts.flatMap(host =>
      (caller.kind === 'gateway' || host.startsWith('orders') ? [80] : [80, 8080, 9000]).flatMap(port =>
        (port === 9000 ? ['/'] : paths).flatMap(path =>
          flavours.flatMap(flavour => {
            const bare: Request = { caller, host, port, method: 'GET', path, headers: {}, ...flavour }
            return [bare, withAll(bare, when)]
          }),
        ),
      ),
    ),
  )

/** A request that has what the conditions ask for, save labels of its caller. */
function withAll(bare: Request, when: readonly Condition[]): Request {
  const said = when.map(conditionTestOf)
  const texts: Readonly<Record<string, string>> = { cookie: 'a=b; user=ann', 'x-user': 'ann' }
  const headers = said
    .filter(one => one.in === 'headers')
    .map(({ name, test }) => [name, test.is === 'exact' ? test.text : (texts[name] ?? '')])
  const claims = said.filter(one => one.in === 'claims').map(({ name }) => [name, ['internal', 'x']])
  const asked = said.filter(one => one.in === 'query').map(({ name }) => `${name}=1`)
  const query = [...(bare.query === undefined ? [] : [bare.query]), ...asked].join('&')
  return {
    ...bare,
    headers: { ...bare.headers, ...(Object.fromEntries(headers) as Record<string, string>) },
    ...(claims.length === 0 ? {} : { claims: Object.fromEntries(claims) as Record<string, string[]> }),
    ...(query === '' ? {} : { query }),
  }
}
