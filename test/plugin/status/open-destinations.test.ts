import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const virtualService = (
  stable: string,
  section = 'http',
  ports = '',
): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  ${section}:
  - ${ports}route:
    - {destination: {host: web, subset: "${stable}"}, weight: 90}
    - {destination: {host: web, subset: v2}, weight: 10}
`
const destinationRule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec: {host: web, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
`
const service = (port: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [${port}]}\n`
const http = service('{name: http, port: 80}')

const folderOf = (...objects: readonly string[]): ManifestsFolder => {
  const folder = new ManifestsFolder()
  folder.write('all.yaml', objects.join('---\n'))
  return folder
}

interface Shown {
  readonly entryPoints: readonly { readonly splits: readonly { readonly shares: readonly object[] }[] }[]
}
const sharesIn = async (folder: ManifestsFolder): Promise<readonly object[]> => {
  const { stdout } = await folder.run('status web -o json')
  return (JSON.parse(stdout) as { services: readonly Shown[] }).services[0]!.entryPoints[0]!.splits[0]!.shares
}

for (const section of ['http', 'tcp'])
  test(`${section} routes without their DestinationRule in the files are no fault in a status`, async () => {
    using folder = folderOf(virtualService('v1', section))
    assert.deepEqual(await sharesIn(folder), [
      { version: 'v1', percent: 90, unknown: 'destination-rule' },
      { version: 'v2', percent: 10, unknown: 'destination-rule' },
    ])
    const { stdout } = await folder.run('status web')
    assert.match(stdout, /→ v1 +90\.0 % .*\(cannot tell: no DestinationRule for it in the files\)$/m)
    assert.doesNotMatch(stdout, /503|closed/)
    assert.match((await folder.run('list')).stdout, /^web +- +\? /m)
    assert.doesNotMatch((await folder.run('status web -o dot')).stdout, /503|closed/)
  })

test('the fix first says to name the file of the DestinationRule, and with --complete to add one', async () => {
  using folder = folderOf(virtualService('v1'), http)
  const fixesOf = async (line: string): Promise<readonly string[]> =>
    (JSON.parse((await folder.run(line)).stdout) as { findings: { rule: string; fix: string }[] }).findings
      .filter(({ rule }) => rule === 'subset-without-destination-rule')
      .map(({ fix }) => fix)
  for (const fix of await fixesOf('lint -o json'))
    assert.match(fix, /^If another file .* -f[^]*Add DestinationRule/)
  for (const fix of await fixesOf('lint --complete -o json')) assert.match(fix, /^Add DestinationRule/)
  folder.write('rule.yaml', destinationRule)
  assert.deepEqual(await fixesOf('lint -o json'), [])
})

test('a DestinationRule in the files that has no such subset leaves nothing open', async () => {
  using folder = folderOf(virtualService('v9'), destinationRule)
  const [first] = await sharesIn(folder)
  assert.deepEqual(first, { version: 'v9', percent: 90, fault: 'undefined-subset' })
})

test('a DestinationRule in the files that some callers do not see leaves nothing open', async () => {
  const hidden = destinationRule
    .replace('{name: web}', '{name: web, namespace: other}')
    .replace('host: web,', 'host: web.default.svc.cluster.local, exportTo: ["."],')
  using folder = folderOf(virtualService('v1'), http, hidden)
  const [first] = await sharesIn(folder)
  assert.partialDeepStrictEqual(first, { version: 'v1', failsFor: { rule: 'subset-hidden-from-clients' } })
})

test('a subset whose name is a placeholder is no fault, and the shares of versions are not known', async () => {
  using folder = folderOf(virtualService('${STABLE}'), destinationRule, http)
  assert.deepEqual(await sharesIn(folder), [
    { version: '${STABLE}', percent: 90, unknown: 'placeholder' },
    { version: 'v2', percent: 10 },
  ])
  assert.match((await folder.run('status web')).stdout, /^ {2}v1 .* \? {2,}-/m)
})

test('a request to such a destination is not said to be answered with 503', async () => {
  for (const [stable, rules, unknown] of [
    ['v1', [], 'destination-rule'],
    ['${STABLE}', [destinationRule], 'placeholder'],
  ] as const) {
    using folder = folderOf(virtualService(stable), http, ...rules)
    const { stdout } = await folder.run('try http://web/ -o json')
    const [trial] = (JSON.parse(stdout) as { trials: { shares: object[] }[] }).trials
    const [share] = trial!.shares
    assert.partialDeepStrictEqual(share, { percent: 90, subset: stable, unknown })
    assert.ok(!('status' in share!))
  }
})

const closed = [virtualService('v9', 'tcp'), destinationRule, service('{name: tcp-db, port: 5432}')]

test('connections of a tcp route to an undefined subset are closed, and get no status', async () => {
  using folder = folderOf(...closed)
  const tried = await folder.run('try http://web:5432/')
  assert.match(tried.stdout, /^→ connection closed for v9 +90 %/m)
  assert.doesNotMatch(tried.stdout, /503/)
  const whole = folderOf(
    closed[0]!.replace('weight: 90', 'weight: 100').replace('weight: 10}', 'weight: 0}'),
    ...closed.slice(1),
  )
  assert.equal((await whole.run('try http://web:5432/ --expect closed')).code, 0)
  assert.equal((await whole.run('try http://web:5432/ --expect 503')).code, 3)
  whole[Symbol.dispose]()
})

test('a gateway with a server for TCP sends a connection by its tcp route, whatever host is asked', async () => {
  const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 5432, name: tcp-db, protocol: TCP}, hosts: ["*"]}]
`
  const route = virtualService('v1', 'tcp', 'match: [{port: 5432}]\n    ').replace(
    'hosts: [web]',
    'hosts: [db.example.com]\n  gateways: [gw]',
  )
  using folder = folderOf(gateway, route, destinationRule, service('{name: tcp-db, port: 5432}'))
  for (const host of ['db.example.com', 'other.example.com']) {
    const { stdout } = await folder.run(`try http://${host}:5432/ --via gw`)
    assert.match(stdout, /^→ v1 +90 % .*\n +v2|^→ v1 +90 %/m)
    assert.match(stdout, /by VirtualService default\/web spec\.tcp\[0\]/)
    assert.doesNotMatch(stdout, /404|503/)
  }
})

const deployment = (version: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web-${version}}
spec:
  selector: {matchLabels: {app: web, version: ${version}}}
  template: {metadata: {labels: {app: web, version: ${version}}}, spec: {containers: [{name: a, image: b}]}}
`
const onlyStable = virtualService('v1').replace(/ {4}- \{destination: \{host: web, subset: v2.*\n/, '')

test('an edit takes the version that a route names for stable, and says that its rule may be in another file', async () => {
  for (const verb of ['weight v2=10', 'cohort qa --header x-qa=1 --to v2', 'promote v2', 'abort']) {
    using folder = folderOf(http, deployment('v1'), deployment('v2'), onlyStable)
    const { code, stderr } = await folder.run(verb)
    assert.equal(code, 0, stderr)
    assert.match(
      stderr,
      /note: DestinationRule default\/web is new: .* VirtualService default\/web names its subsets \(v1\)\. If another file/,
    )
  }
  using whole = folderOf(http, deployment('v1'), deployment('v2'), onlyStable, destinationRule)
  assert.doesNotMatch((await whole.run('weight v2=10')).stderr, /is new/)
})
