/** Random requests, with what odd clients send: the conditions of worlds.ts are made to meet them. */
import { fc } from '../properties.ts'
import type { RawRequest } from './connection.ts'
import { randomHeader } from './istio/route-action.ts'

const { constantFrom: oneOf } = fc

const hosts = words`a.example.com A.Example.com a.example.com:80 a.example.com:8080 b.example.com x.a.example.com
  example.com a.example.com. ext.example.com 10.0.0.1`
const meshHosts = words`catalog catalog:80 catalog.shop catalog.shop.svc catalog.shop.svc.cluster.local
  catalog.shop.svc.cluster.local:8080 orders orders.shop.svc.cluster.local CATALOG.shop`
const paths = words`/ /a /a/ /a/b /A /A/B /b /ab /a/b/c // //a /a//b /a/./b /a/../b /.. /../a
  /. /a/. /a/.. /./a /a/b/../.. /%61 /%41 /a%2Fb /a%2fb /a%5Cb /a\b /a\..\b /%2e%2e/a
  /a/%2E%2E/b /a%2F..%2Fb /a;x /a;x=1/b /a% /a%zz /a%20b /a+b /%7Ea /~a /a/... /.a /a%252Fb /a"b /a|b`
const queries = words`? ?q ?q= ?q=1 ?q=2 ?q=1&q=2 ?q=2&q=1 ?r=1&q=abc ?q=%31 ?Q=1 ?q=1=2 ?&q=1 ?r&q
  ?q=1& ?x=1?q=1 ?q=1;r=1 ?q=a+b ?q=a%20b ?q%20=1 ?=1 ?q=1#r=1 ?r=/../b #q ?q=1%2C2 ?q=1,2`
const target = fc.tuple(
  fc.oneof(
    { weight: 2, arbitrary: oneOf('/a', '/a/b', '/', '/b') },
    { weight: 3, arbitrary: oneOf(...paths) },
  ),
  fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 2, arbitrary: oneOf(...queries) }),
)
const header = fc.tuple(
  oneOf('x-a', 'X-A', 'x-b', 'cookie', 'user-agent', 'x-c'),
  oneOf('1', '2', '12', '1,2', 'abc', 'ABC', 'a b', '', ' 1 ', '%31', 'b', '1 2'),
)

const often = (value: string, others: readonly string[]) =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: oneOf(...others) })

/** A request to a gateway, or to a sidecar. */
export const request = (isGateway: boolean): fc.Arbitrary<RawRequest> =>
  fc
    .record({
      method: oneOf('GET', 'GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE'),
      target: target.map(parts => parts.join('')),
      host: isGateway ? often('a.example.com', hosts) : often('catalog.shop', [...meshHosts, ...hosts]),
      // Envoy 1.39 began to compare each of several headers of one name; before, they were joined.
      headers: fc.uniqueArray(header, { maxLength: 3, selector: ([name]) => name.toLowerCase() }),
      random: fc.nat(150),
    })
    .map(({ method, target, host, headers, random }) => ({
      method,
      target,
      headers: [['host', host], [randomHeader, String(random)], ...headers],
    }))

const piece = words`/ . .. /..;x /.; %2e %2E %2f \ %5c a B %61 %41 %7e %25 %2 % %g /. ./ /.. ../ // %20 %7f %ff %c3%a9 + ; & = : @ ! $ ' ( ) * , " < >
  ^ \` { | } [ ] ~ - _ 0 9 F`

/** A path out of what its normalization is about. */
export const path: fc.Arbitrary<string> = fc
  .array(oneOf(...piece), { maxLength: 12, size: 'max' })
  .map(pieces => `/${pieces.join('')}`)

/** Texts without spaces. */
function words({ raw }: TemplateStringsArray): readonly string[] {
  return raw.join('').trim().split(/\s+/)
}
