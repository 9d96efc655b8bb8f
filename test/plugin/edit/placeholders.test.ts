import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

function catalogWith(change: (text: string) => string, file = 'catalog-mesh.yaml'): ManifestsFolder {
  const folder = new ManifestsFolder('catalog')
  const before = folder.texts()[file]!
  const text = change(before)
  assert.notEqual(text, before)
  folder.write(file, text)
  return folder
}

test('a route is edited where only its timeout and hosts are placeholders, which stay as they are', async () => {
  using folder = catalogWith(text => text.replace(/^( *)- route:/m, '$1- timeout: ${TIMEOUT}\n$1  route:'))
  const { code, stderr } = await folder.run('cohort internal --to v2 --service catalog')
  assert.equal(code, 0, stderr)
  assert.equal(folder.texts()['catalog-mesh.yaml']!.match(/timeout: \$\{TIMEOUT\}/g)?.length, 2)
  assert.match(stderr, /1 object contains placeholders such as `\$\{TIMEOUT\}`/)
})

test('a namespace that is a placeholder is not offered as one to choose', async () => {
  using folder = new ManifestsFolder()
  const metadata = 'metadata: { name: web, namespace: "${namespace:=shop}" }'
  folder.write('web.yaml', `apiVersion: v1\nkind: Service\n${metadata}\nspec: { selector: { app: web } }\n`)
  const { code, stderr } = await folder.run('weight web v2=10 -n shop')
  assert.equal(code, 1, stderr)
  assert.doesNotMatch(stderr, /add -n/)
  assert.match(stderr, /fill in the placeholders first/)
})

test('a header that a destination sets may be filled in later: it is copied as it is', async () => {
  using folder = catalogWith(text =>
    text.replace(/subset: .*/, '$&\n      headers: {request: {set: {x-build: "${BUILD}"}}}'),
  )
  const { code, stderr } = await folder.run('weight v2=10 --service catalog')
  assert.equal(code, 0, stderr)
  const text = folder.texts()['catalog-mesh.yaml']!
  assert.equal(text.match(/x-build: "?\$\{BUILD\}/g)?.length, 2)
  assert.deepEqual(text.match(/weight: \d+/g), ['weight: 90', 'weight: 10'])
})

for (const [what, change, line] of [
  [
    'a destination',
    (text: string) => text.replace(/host: catalog\b.*/, 'host: catalog.$(NAMESPACE).svc.cluster.local'),
    'weight v2=10',
  ],
  ['a subset', (text: string) => text.replace(/subset: .*/, 'subset: $(STABLE)'), 'weight v2=10 --stable v1'],
] as const) {
  test(`an edit is refused once where ${what} of its route is a placeholder`, async () => {
    using folder = catalogWith(change)
    const before = folder.texts()
    const { code, stderr } = await folder.run(`${line} --service catalog`)
    assert.equal(code, 3, stderr)
    assert.match(
      stderr,
      /error: VirtualService \S+ has the placeholder \$\(\w+\) in spec\.http\[0\]\.route\[0\]\S* \(\S+:\d+\)/,
    )
    assert.deepEqual(folder.texts(), before)
  })
}

test('init writes no subset from a label that is a placeholder', async () => {
  using folder = new ManifestsFolder()
  folder.write(
    'all.yaml',
    ['v1', '$(VERSION)']
      .map(
        version =>
          `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: "${version}"}\nspec: {template: {metadata: {labels: {app: web, version: ${version}}}}}\n---\n`,
      )
      .join('')
      + 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{name: http, port: 80}]}\n',
  )
  const { code, stderr } = await folder.run('init --stable v1 --service web')
  assert.equal(code, 3, stderr)
  assert.match(stderr, /would get a subset with the placeholder \$\(VERSION\)/)
})

test('replicas that are a placeholder are neither counted as a pod nor overwritten', async () => {
  using folder = new ManifestsFolder()
  const deployment = (name: string, track: string, replicas: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: hello, track: ${track}}}
  template: {metadata: {labels: {app: hello, track: ${track}}}}
`
  const service = `apiVersion: v1
kind: Service
metadata: {name: hello}
spec: {selector: {app: hello}, ports: [{name: http, port: 80}]}
`
  const objects = [service, deployment('hello', 'stable', '${REPLICAS}'), deployment('next', 'canary', '1')]
  folder.write('all.yaml', objects.join('---\n'))
  const before = folder.texts()
  for (const line of ['weight hello canary=50', 'promote hello canary']) {
    const { code, stderr } = await folder.run(line)
    assert.equal(code, 3, stderr)
    assert.match(
      stderr,
      /Deployment \S+hello has the placeholder \$\{REPLICAS\} in spec\.replicas \(\S+:\d+\)/,
    )
  }
  assert.deepEqual(folder.texts(), before)
  const { stdout } = await folder.run('status hello')
  assert.match(stdout, /everyone → cannot tell: "\$\{REPLICAS\}" is not a number/)
  const tried = await folder.run('try http://hello/')
  assert.match(tried.stdout, /cannot tell: "\$\{REPLICAS\}" is not a number/)
})

test('where a route is missing, the templates that were not read come before the command that makes one', async () => {
  using folder = catalogWith(text =>
    text.replaceAll(/^metadata:\n {2}name: .*/gm, 'metadata:\n  name: {{ .Release.Name }}'),
  )
  folder.write('catalog-gateway.yaml', '')
  for (const line of ['abort catalog', 'weight catalog v2=10']) {
    const { code, stderr } = await folder.run(line)
    assert.equal(code, 1, stderr)
    assert.match(
      stderr,
      /no VirtualService routes[^\n]*\n {2}Templates were not read \(VirtualService in \S*catalog-mesh\.yaml:\d+[^]*init/,
    )
  }
})

test('templates and objects with placeholders are both named where a route is missing', async () => {
  using folder = catalogWith(text =>
    text.replaceAll(/^metadata:\n {2}name: .*/gm, 'metadata:\n  name: {{ .Release.Name }}'),
  )
  const route = 'hosts: [web]\n  http: [{ route: [{ destination: { host: web } }] }]'
  folder.write(
    'catalog-gateway.yaml',
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: web, namespace: $PLACE }\nspec:\n  ${route}\n`,
  )
  const { stderr } = await folder.run('weight catalog v2=10')
  assert.match(stderr, /\n {2}Templates were not read \(/)
  assert.match(
    stderr,
    /\n {2}If this is about VirtualService \S*web \(\$PLACE\): fill in the placeholders first/,
  )
})
