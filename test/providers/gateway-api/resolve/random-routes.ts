/** Random routes of a few names, whose matches often overlap. */
import { fc } from '../../../properties.ts'
import type { Request } from '../../../../shared/routing/request/request.ts'
import { requestTo } from '../../../routing/requests.ts'
import { route } from '../written-objects.ts'

const { constantFrom: oneOf } = fc
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

const path = fc.record({
  type: oneOf('Exact', 'PathPrefix', 'PathPrefix', 'RegularExpression'),
  value: oneOf('/', '/a', '/a/', '/a/b', '/b', '/a/b/c'),
})
const valueMatch = (...names: readonly string[]) =>
  fc.uniqueArray(
    fc.record({
      type: oneOf('Exact', 'RegularExpression'),
      name: oneOf(...names),
      value: oneOf('1', '2', '[12]'),
    }),
    { maxLength: 2, selector: ({ name }) => name },
  )
const match = fc.record(
  {
    path,
    method: oneOf('GET', 'POST'),
    headers: valueMatch('x-a', 'X-B'),
    queryParams: valueMatch('p', 'q'),
  },
  { requiredKeys: [] },
)

/** An HTTPRoute with its hostnames and rules. */
export const randomRoute = fc
  .record({
    name: oneOf('r1', 'r2', 'r3', 'r4', 'r5'),
    namespace: oneOf('shop', 'web'),
    created: maybe(oneOf('2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z', 'never')),
    hostnames: fc.uniqueArray(oneOf('a.example.com', '*.example.com', 'b.example.com'), { maxLength: 2 }),
    rules: fc.array(fc.record({ matches: fc.array(match, { maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 3,
    }),
  })
  .map(({ name, namespace, created, ...rest }) =>
    route(`${namespace}/${name}`, { ...rest, ...(created !== undefined && { created }) }),
  )

/** Routes of different names. */
export const randomRoutes = fc.uniqueArray(randomRoute, {
  minLength: 1,
  maxLength: 5,
  selector: ({ metadata: { namespace, name } }) => `${namespace}/${name}`,
})

/** A request that some of them take. */
export const randomRequest: fc.Arbitrary<Request> = fc
  .record({
    host: oneOf('a.example.com', 'b.example.com', 'c.example.com', 'A.example.com:80'),
    method: oneOf('GET', 'POST'),
    path: oneOf('/', '/a', '/a/', '/a/b', '/a/b/c', '/ab', '/b/x', '/A'),
    headers: fc.dictionary(oneOf('x-a', 'x-b', 'X-A'), oneOf('1', '2', '3'), { maxKeys: 2 }),
    query: maybe(oneOf('p=1', 'q=2', 'p=1&q=2', 'p=3&p=1', '')),
  })
  .map(({ host, query, ...rest }) => requestTo(host, { ...rest, ...(query !== undefined && { query }) }))
