import assert from 'node:assert/strict'
import test from 'node:test'
import { catalogFolder, formatRoute, routeIn } from './catalog-files.ts'

const matched = (match: string): string => `http:
- match:
  - ${match}
  route:
  - destination: {host: catalog, subset: v1}
`
const refused = async (spec: string, line: string): Promise<string> => {
  using folder = catalogFolder(spec)
  const before = folder.texts()
  const { code, stdout, stderr } = await folder.run(line)
  assert.equal(code, 3, stdout + stderr)
  assert.deepEqual(folder.texts(), before)
  assert.match(stderr, /VirtualService shop\/catalog/)
  return stderr
}
const cohort = 'cohort internal --to v2'

const clashes: readonly (readonly [title: string, match: string, flag: string, what: RegExp])[] = [
  [
    'tests the header for another kind of match',
    'headers: {x-team: {prefix: b}}',
    '--header x-team=b',
    /header x-team/,
  ],
  [
    'tests the header in another case, as headers have none',
    'headers: {X-Team: {prefix: b}}',
    '--header x-team=b',
    /header x-team/i,
  ],
  [
    'tests the header that is asked for in another case',
    'headers: {x-team: {prefix: b}}',
    '--header X-TEAM=b',
    /header x-team/i,
  ],
  [
    'excludes another value of the header',
    'withoutHeaders: {x-team: {exact: c}}',
    '--header x-team=b',
    /header x-team/,
  ],
  ['tests cookies otherwise', 'headers: {cookie: {regex: a=b}}', '--cookie user=ann', /header cookie/],
  [
    'tests the query otherwise',
    "queryParams: {beta: {prefix: '1'}}",
    '--query beta=1',
    /query parameter beta/,
  ],
  [
    'clashes in its second block only',
    'uri: {prefix: /a}\n  - headers: {x-team: {prefix: b}}',
    '--header x-team=b',
    /header x-team/,
  ],
]
for (const [title, match, flag, what] of clashes)
  test(`no cohort is put before a route that ${title}`, async () => {
    const stderr = await refused(matched(match), `${cohort} ${flag}`)
    assert.match(stderr, /spec\.http\[0\]/)
    assert.match(stderr, what)
  })

test('one route that clashes keeps the cohort from all of them, and is the one that is named', async () => {
  const routes = `http:
- match: [{uri: {prefix: /a}}]
  route: [{destination: {host: catalog, subset: v1}}]
- match: [{headers: {x-team: {prefix: b}}}]
  route: [{destination: {host: catalog, subset: v1}}]
`
  assert.match(await refused(routes, `${cohort} --header x-team=b`), /spec\.http\[1\].*header x-team/)
})

/** Routes that no request of the cohort can take. */
const apart: readonly (readonly [title: string, match: string, flag: string])[] = [
  ['is for another value of the header', 'headers: {X-Team: {exact: a}}', '--header x-team=b'],
  ['excludes the header', 'withoutHeaders: {X-Team: {}}', '--header x-team=b'],
  ['excludes the value of the header', 'withoutHeaders: {x-team: {exact: b}}', '--header x-team=b'],
  ['is for another cohort by the default header', 'headers: {X-Istio-Cohort: {exact: qa}}', ''],
  ['excludes cookies', 'withoutHeaders: {Cookie: {}}', '--cookie user=ann'],
  ['is for another value of the query', "queryParams: {beta: {exact: '1'}}", '--query beta=2'],
  ['is for other callers', 'sourceLabels: {app: web}', '--source-label app=jobs'],
]
for (const [title, match, flag] of apart)
  test(`a route that ${title} needs no route of the cohort before it`, async () => {
    const everyoneElse = '- route: [{destination: {host: catalog, subset: v1}}]\n'
    using folder = catalogFolder(matched(match) + everyoneElse)
    const { code, stderr } = await folder.run(`${cohort} ${flag}`)
    assert.equal(code, 0, stderr)
    assert.equal(routeIn(folder).spec.http!.length, 3)
    assert.match(formatRoute(routeIn(folder).spec.http![1]!), /v2$/)
    assert.match(await refused(matched(match), `${cohort} ${flag}`), /would get no requests/)
  })

const compatible: readonly (readonly [match: string, flag: string])[] = [
  ['headers: {x-team: {exact: b}}', '--header x-team=b'],
  ['headers: {x-other: {exact: a}}', '--header x-team=b'],
  ['withoutHeaders: {x-other: {}}', '--header x-team=b'],
  // Query parameters and labels are told apart by case.
  ["queryParams: {Beta: {exact: '1'}}", '--query beta=2'],
  ['sourceLabels: {App: web}', '--source-label app=jobs'],
  // A header, a query parameter and a label of one name are three things.
  ['queryParams: {team: {exact: a}}', '--header team=b'],
]
for (const [match, flag] of compatible)
  test(`a cohort by ${flag} is put before a route with ${match}`, async () => {
    using folder = catalogFolder(matched(match))
    const { code, stderr } = await folder.run(`${cohort} ${flag}`)
    assert.equal(code, 0, stderr)
    assert.deepEqual(routeIn(folder).spec.http!.map(formatRoute), ['v2', 'v1'])
  })

const twoPorts = (list: string, ports: readonly [number, number]): string => `${list}:
- ${list === 'tls' ? 'match: [{sniHosts: [catalog]}]' : 'match: [{port: 80}]'}
  route:
  - destination: {host: catalog, subset: v1, port: {number: ${ports[0]}}}
    weight: 50
  - destination: {host: catalog, subset: v1, port: {number: ${ports[1]}}}
    weight: 50
`
for (const list of ['http', 'tcp', 'tls'])
  test(`no weights are set on ${list} routes that split between two ports, as the split would lose one of them`, async () => {
    const stderr = await refused(twoPorts(list, [80, 8080]), 'weight v2=10 --stable v1')
    assert.match(stderr, new RegExp(`spec\\.${list}\\[0\\].*ports`))
  })

test('no version is promoted on a route that splits between two ports either', async () => {
  assert.match(await refused(twoPorts('http', [80, 8080]), 'promote v2'), /spec\.http\[0\].*ports/)
})

test('a route with a port that is named and one that is not splits between two ports', async () => {
  const spec = twoPorts('http', [80, 8080]).replace(', port: {number: 8080}', '')
  assert.match(await refused(spec, 'weight v2=10 --stable v1'), /spec\.http\[0\].*ports/)
})

test('weights are set where each route has one port, and keep it', async () => {
  using folder = catalogFolder(`http:
- match: [{port: 8080}]
  route:
  - destination: {host: catalog, subset: v1, port: {number: 8080}}
- route:
  - destination: {host: catalog, subset: v1, port: {number: 80}}
`)
  const { code, stderr } = await folder.run('weight v2=10')
  assert.equal(code, 0, stderr)
  assert.deepEqual(
    routeIn(folder).spec.http!.map(({ route }) =>
      route!.map(({ destination: { subset, port }, weight }) => `${subset}:${port?.number} ${weight}`),
    ),
    [
      ['v1:8080 90', 'v2:8080 10'],
      ['v1:80 90', 'v2:80 10'],
    ],
  )
})

test('a route that no request reaches is told once, with the fix', async () => {
  using folder = catalogFolder(
    [
      'http:',
      '- match: [{uri: {prefix: /}}]',
      '  route: [{destination: {host: catalog, subset: v1}}]',
      '- match: [{uri: {prefix: /api}}]',
      '  route: [{destination: {host: catalog, subset: v2}}]',
      '',
    ].join('\n'),
  )
  const { code, stderr } = await folder.run('weight v2=20')
  assert.equal(code, 0, stderr)
  assert.equal(stderr.match(/unreachable-route/g)?.length, 1)
  assert.match(stderr, /spec\.http\[1\]: no request reaches this route.*\n {2}Fix: /)
})
