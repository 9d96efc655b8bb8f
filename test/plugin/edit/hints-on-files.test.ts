import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const service = (name: string) => `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]}
`
const rule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog, namespace: shop}
spec: {host: catalog, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
`
const route = (name: string, spec: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec: ${spec}
`
const toV1 = 'route: [{destination: {host: catalog, subset: v1}}]'

function shopOf(...documents: readonly string[]): ManifestsFolder {
  const folder = new ManifestsFolder()
  folder.write('shop.yaml', documents.join('---\n'))
  return folder
}

/** The words after `kubectl canary` of the commands in a text, without those that name the files. */
const commandsIn = (text: string, folder: ManifestsFolder): readonly string[] =>
  text
    .split('\n')
    .flatMap(line => /kubectl canary (.*)$/.exec(line)?.[1] ?? [])
    .map(command => {
      assert.ok(command.includes(`-f ${folder.path}`), command)
      return command.replace(` -f ${folder.path}`, '')
    })

describe('on files, what a message advises', () => {
  it('is a command for the same files where nothing routes to the Service', async () => {
    const mirror = route(
      'orders',
      '{hosts: [orders], http: [{route: [{destination: {host: orders}}], mirror: {host: catalog}}]}',
    )
    using folder = shopOf(service('catalog'), service('orders'), rule, mirror)
    for (const line of ['cohort internal catalog --to v2', 'weight catalog v2=10', 'abort catalog']) {
      const { code, stderr } = await folder.run(`${line} -n shop`)
      assert.equal(code, 1, line)
      const [init] = commandsIn(stderr, folder)
      assert.match(init ?? '', /^init catalog --stable v1 -n shop$/)
    }
    const done = await folder.run('init catalog --stable v1 -n shop')
    assert.equal(done.code, 0, done.stderr)
  })

  it('is the edit of the file, and no command for a cluster, where callers do not see the routes', async () => {
    using folder = shopOf(
      service('catalog'),
      rule,
      route('catalog', `{hosts: [catalog], exportTo: [.], http: [{${toV1}}]}`),
    )
    for (const line of ['status -n shop', 'weight catalog v2=10 -n shop']) {
      const { stdout, stderr } = await folder.run(line)
      const note = `${stdout}${stderr}`
      assert.doesNotMatch(note, /kubectl patch/)
      assert.match(note, /set its spec\.exportTo to \["\*"\]/)
    }
    folder.write('shop.yaml', folder.texts()['shop.yaml']!.replace('exportTo: [.]', 'exportTo: ["*"]'))
    const { stdout } = await folder.run('status -n shop')
    assert.doesNotMatch(stdout, /not covered/)
  })
})

describe('on files, a hint', () => {
  it('is the edit of the file where a record cannot be read', async () => {
    const broken = route('catalog', `{hosts: [catalog], http: [{${toV1}}]}`).replace(
      'namespace: shop}',
      'namespace: shop, annotations: {kubectl-canary/cohorts: nonsense}}',
    )
    using folder = shopOf(service('catalog'), rule, broken)
    const { stdout, stderr } = await folder.run('cohorts -n shop')
    assert.doesNotMatch(`${stdout}${stderr}`, /kubectl annotate/)
    assert.match(`${stdout}${stderr}`, /remove its annotation kubectl-canary\/cohorts$/m)
  })

  it('names the versions that may be stable where none receives traffic', async () => {
    const dead = route(
      'catalog',
      `{hosts: [catalog], http: [{route: [{destination: {host: orders}}]}, {${toV1}}]}`,
    )
    using folder = shopOf(service('catalog'), service('orders'), rule, dead)
    const { code, stderr } = await folder.run('weight catalog v2=10 -n shop')
    assert.equal(code, 2)
    const commands = commandsIn(stderr, folder)
    assert.deepEqual(
      commands.map(command => /--stable (\S+)/.exec(command)?.[1]),
      ['v1', 'v2'],
    )
    const done = await folder.run(commands[0]!)
    assert.equal(done.code, 0, done.stderr)
    assert.doesNotMatch(done.stdout, /catalog: *$/m)
  })
})

describe('a hint on the routes of a canary', () => {
  it('names what is in the way of a cohort on some routes of a canary that is on all', async () => {
    const two = route(
      'catalog',
      `{hosts: [catalog], http: [{match: [{uri: {prefix: /api}}], ${toV1}}, {${toV1}}]}`,
    )
    using folder = shopOf(service('catalog'), rule, two)
    await folder.run('weight catalog v2=10 -n shop')
    const before = folder.texts()
    const { code, stderr } = await folder.run('cohort internal catalog --to v2 -n shop --route /api')
    assert.equal(code, 2, stderr)
    assert.match(stderr, /the canary of catalog is on all its routes/)
    assert.doesNotMatch(stderr, /Istio would drop/)
    assert.deepEqual(folder.texts(), before)
    const whole = await folder.run('cohort internal catalog --to v2 -n shop')
    assert.equal(whole.code, 0, whole.stderr)
    await folder.run('abort catalog -n shop')
    const some = await folder.run('cohort internal catalog --to v2 -n shop --route /api')
    assert.equal(some.code, 0, some.stderr)
  })
})
