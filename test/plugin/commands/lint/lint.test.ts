import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { openStore } from '../../../../plugin/open-store.ts'
import type { OpenStore } from '../../../../plugin/open-store.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { MemoryStore } from '../../memory-store.ts'
import { runCommand, words } from '../../run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'lint-'))
after(() => rmSync(folder, { recursive: true }))
let count = 0
function fileWith(text: string): string {
  const file = join(folder, `${count++}.yaml`)
  writeFileSync(file, text)
  return file
}

const destinationRule = (...subsets: readonly string[]) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog, namespace: shop}
spec:
  host: catalog
  subsets: [${subsets.map(subset => `{name: ${subset}, labels: {version: ${subset}}}`).join(', ')}]
`
const serviceYaml = `---
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {ports: [{name: http, port: 80}]}
`
const virtualService = (weights: readonly [number, number], more = '') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: catalog
  namespace: shop${more}
spec:
  hosts: [catalog]
  http:
  - route:
    - destination: {host: catalog, subset: v1}
      weight: ${weights[0]}
    - destination: {host: catalog, subset: v2}
      weight: ${weights[1]}
${serviceYaml}`
const lint = (line: string, world = {}) => runCommand(words(`lint ${line}`), { store: openStore, ...world })
const rulesOf = (stdout: string) =>
  (
    JSON.parse(stdout) as {
      findings: { rule: string; file: string | null; line: number | null; severity: string }[]
    }
  ).findings

test('a weight that Istio refuses is said once, with what to set', async () => {
  for (const weight of ['"90"', '90.5', '-10', 'ninety']) {
    const file = fileWith(
      virtualService([weight as unknown as number, 20]) + '---' + destinationRule('v1', 'v2'),
    )
    const { findings } = JSON.parse((await lint(`-f ${file} -o json`)).stdout) as {
      readonly findings: readonly { readonly rule: string; readonly path: string; readonly fix: string }[]
    }
    const ofWeight = findings.filter(({ path }) => path.endsWith('.weight'))
    assert.deepEqual(
      ofWeight.map(({ rule }) => rule),
      ['invalid-weight'],
      weight,
    )
    assert.match(ofWeight[0]!.fix, /^Set spec\.http\[0\]\.route\[0\]\.weight: \d+/)
    assert.ok(!findings.some(({ rule }) => rule === 'istio-rejects'), weight)
  }
  const both = fileWith(virtualService([90, 10]).replace('hosts: [catalog]', 'hosts: [catalog]\n  tries: 2'))
  assert.ok(rulesOf((await lint(`-f ${both} -o json`)).stdout).some(({ rule }) => rule === 'istio-rejects'))
})

test('says what to apply first where a DestinationRule comes after the route that needs it, by file name or further down', async () => {
  const [route, rule] = [virtualService([90, 10]).replace(serviceYaml, ''), destinationRule('v1', 'v2')]
  const [service, first, second] = [fileWith(serviceYaml), fileWith(route), fileWith(rule)]
  const late = await lint(`-f ${service} -f ${first} -f ${second}`)
  assert.deepEqual([late.code, late.stdout], [0, ''])
  assert.ok(
    late.stderr.includes(
      `${second}:2: apply DestinationRule shop/catalog before VirtualService shop/catalog (${first}:2), which uses a subset that it defines\n`,
    ),
    late.stderr,
  )
  assert.match(
    (await lint(`-f ${fileWith([serviceYaml, route, rule].join('---'))}`)).stderr,
    /apply DestinationRule shop\/catalog before VirtualService/,
  )
  const another = fileWith(rule.replace('name: catalog', 'name: more'))
  for (const line of [
    `-f ${service} -f ${second} -f ${first}`,
    `-f ${second} -f ${first} -f ${another}`,
    `-f ${first} -f ${second} -f ${service}`,
  ]) {
    assert.doesNotMatch((await lint(line)).stderr, /apply DestinationRule/, line)
  }
})

test('is content with good files, whatever else lies beside them', async () => {
  const file = fileWith(
    [
      virtualService([90, 10]),
      destinationRule('v1', 'v2'),
      '\nkind: {{ .Values.x }}\n',
      '\napiVersion: v1\nkind: Secret\nmetadata: {name: x}\n',
    ].join('---'),
  )
  const { code, stdout, stderr } = await lint(`-f ${file}`)
  assert.deepEqual([code, stdout], [0, ''])
  assert.match(stderr, /template/)
  assert.match(stderr, /Secret/)
  assert.match(stderr, /no findings/)
})

test('fails with 3 on an error, and says where it is', async () => {
  const file = fileWith(virtualService([90, 20]) + '---' + destinationRule('v1', 'v2'))
  const { code, stdout } = await lint(`-f ${file} -o json`)
  assert.equal(code, 3)
  assert.deepEqual(
    rulesOf(stdout).map(({ rule, line }) => [rule, line]),
    [['weights-sum-to-100', 10]],
  )
})

test('warnings are allowed, and --complete makes an error of what is nowhere', async () => {
  const file = fileWith(virtualService([90, 10]))
  const open = await lint(`-f ${file} -o json`)
  assert.equal(open.code, 0)
  assert.ok(
    rulesOf(open.stdout).some(
      ({ rule, severity }) => rule === 'subset-without-destination-rule' && severity === 'warning',
    ),
  )
  const complete = await lint(`-f ${file} -o json --complete`)
  assert.equal(complete.code, 3)
})

test('rules can be left out, weighed otherwise and hidden', async () => {
  const file = fileWith(virtualService([90, 20]) + '---' + destinationRule('v1', 'v2'))
  assert.equal((await lint(`-f ${file} --disable weights-sum-to-100`)).code, 0)
  assert.equal((await lint(`-f ${file} --severity weights-sum-to-100=warning`)).code, 0)
  assert.equal((await lint(`-f ${file} --severity weights-sum-to-100=warning,error`)).stdout, '')
  assert.equal((await lint(`-f ${file} --relative-weights`)).code, 0)
})

test('unknown rules, levels and formats are usage errors', async () => {
  for (const flags of [
    '--disable nope',
    '--severity nope',
    '--severity nope=error',
    '-o xml',
    '--default-export-to pod=.',
  ]) {
    assert.equal((await lint(`-f ${fileWith('')} ${flags}`)).code, 2, flags)
  }
  assert.equal((await lint('--complete')).code, 2)
})

test('an annotation and a comment exempt, for a reason', async () => {
  const rule = destinationRule('v1', 'v2')
  const annotated = virtualService(
    [90, 20],
    '\n  annotations: {kubectl-canary/exempt: "weights-sum-to-100: on purpose"}',
  )
  assert.equal((await lint(`-f ${fileWith(`${annotated}---${rule}`)}`)).code, 0)
  const commented = virtualService([90, 20]).replace(
    '- route:',
    '- route: # canary-lint-disable weights-sum-to-100: on purpose',
  )
  assert.equal((await lint(`-f ${fileWith(`${commented}---${rule}`)}`)).code, 0)
  const unreasoned = await lint(
    `-f ${fileWith(`${commented.replace(': on purpose', '')}---${rule}`)} -o json`,
  )
  assert.deepEqual(
    [
      unreasoned.code,
      rulesOf(unreasoned.stdout)
        .map(finding => finding.rule)
        .sort(),
    ],
    [3, ['invalid-exemption', 'weights-sum-to-100']],
  )
})

test('a comment above a line exempts it, whatever ends the lines', async () => {
  const commented =
    virtualService([90, 20]).replace(
      '  - route:',
      '  # canary-lint-disable weights-sum-to-100: on purpose\n  - route:',
    ) + `---${destinationRule('v1', 'v2')}`
  for (const text of [commented, commented.replaceAll('\n', '\r\n')])
    assert.equal((await lint(`-f ${fileWith(text)}`)).code, 0)
})

test('a comment on any line of a route exempts its weights', async () => {
  const rule = `---${destinationRule('v1', 'v2')}`
  const reason = '# canary-lint-disable weights-sum-to-100: on purpose'
  for (const place of [' 90', ' 20']) {
    assert.equal(
      (
        await lint(
          `-f ${fileWith(virtualService([90, 20]).replace(`weight:${place}\n`, `weight:${place} ${reason}\n`) + rule)}`,
        )
      ).code,
      0,
      place,
    )
  }
  const above = virtualService([90, 20]).replace(
    '    - destination: {host: catalog, subset: v2}',
    `    ${reason}\n    - destination: {host: catalog, subset: v2}`,
  )
  assert.equal((await lint(`-f ${fileWith(above + rule)}`)).code, 0)
  const elsewhere = virtualService([90, 20]).replace('  hosts: [catalog]', `  hosts: [catalog] ${reason}`)
  assert.equal((await lint(`-f ${fileWith(elsewhere + rule)}`)).code, 3)
  const unreasoned = virtualService([90, 20]).replace(
    'weight: 20',
    'weight: 20 # canary-lint-disable weights-sum-to-100',
  )
  assert.deepEqual(
    rulesOf((await lint(`-f ${fileWith(unreasoned + rule)} -o json`)).stdout)
      .map(finding => finding.rule)
      .sort(),
    ['invalid-exemption', 'weights-sum-to-100'],
  )
})

test('what two VirtualServices lack is added once', async () => {
  const other = virtualService([90, 10])
    .replace('name: catalog\n', 'name: also\n')
    .replace('hosts: [catalog]', 'hosts: [also]')
  const file = fileWith([virtualService([90, 10]), other, destinationRule('v1')].join('---'))
  const { findings } = JSON.parse((await lint(`-f ${file} -o json`)).stdout) as {
    readonly findings: readonly { readonly rule: string; readonly fix: string }[]
  }
  const fixes = findings.filter(({ rule }) => rule.startsWith('undefined-subset')).map(({ fix }) => fix)
  assert.equal(fixes.length, 2)
  assert.match(fixes[0]!, /^Add to spec\.subsets in DestinationRule shop\/catalog /)
  assert.equal(
    fixes[1],
    'The fix of VirtualService shop/catalog spec.http[0].route[1].destination.subset fixes this as well; do it once.',
  )
})

test('files with variables in braces are templates, not broken', async () => {
  const good = `---${destinationRule('v1', 'v2')}`
  const file = fileWith(
    [
      virtualService([90, 10]) + good,
      '\napiVersion: v1\nkind: Service\nmetadata: {name: ${NAME}, namespace: shop}\n',
      '\nkind: [a, ${B}]\n',
    ].join('---'),
  )
  const { skipped } = JSON.parse((await lint(`-f ${file} -o json`)).stdout) as {
    readonly skipped: readonly { readonly reason: string }[]
  }
  assert.deepEqual(
    skipped.map(({ reason }) => /it is a template/.test(reason)),
    [true, true],
  )
  const broken = fileWith(
    virtualService([90, 10]) + good + '---\nkind: Service\nmetadata: {name: "${NAME}", x: {a: b: c}\n',
  )
  assert.deepEqual(
    rulesOf((await lint(`-f ${broken} -o json`)).stdout).map(({ rule }) => rule),
    ['unreadable-manifest'],
  )
})

test('reads what kustomize and helm write to stdin', async () => {
  const { code, stdout } = await lint('-f - -o json', { stdin: virtualService([90, 20]) })
  assert.equal(code, 3)
  assert.ok(rulesOf(stdout).every(({ file }) => file !== null))
})

test('fails with 1 where a file is not there', async () => {
  assert.equal((await lint(`-f ${join(folder, 'nowhere')}`)).code, 1)
})

const catalogOf = (...subsets: readonly string[]): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { host: 'catalog', subsets: subsets.map(name => ({ name, labels: { version: name } })) },
  }) as KubeObject
const catalog = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'catalog', namespace: 'shop' },
  spec: {
    hosts: ['catalog'],
    http: [
      {
        route: [
          { destination: { host: 'catalog', subset: 'v1' }, weight: 90 },
          { destination: { host: 'catalog', subset: 'v2' }, weight: 10 },
        ],
      },
    ],
  },
} as KubeObject
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'catalog', namespace: 'shop' },
  spec: { ports: [{ name: 'http', port: 80 }] },
} as KubeObject
const over =
  (objects: readonly KubeObject[]): OpenStore =>
  (flags, streams) =>
    flags.files.length > 0 ? openStore(flags, streams) : Promise.resolve(new MemoryStore(objects))

test('--with-cluster says what applying the files would break, also in objects that are in none of them', async () => {
  const file = fileWith(destinationRule('v1'))
  const { code, stdout } = await runCommand(words(`lint -f ${file} --with-cluster -o json`), {
    store: over([catalog, catalogOf('v1', 'v2'), service]),
  })
  assert.equal(code, 3)
  assert.ok(rulesOf(stdout).some(({ rule, file: place }) => rule === 'undefined-subset' && place === null))
})

test('--with-cluster takes an exemption of what is applied for no excuse of what it breaks, as the webhook does', async () => {
  const file = fileWith(
    destinationRule('v1').replace(
      'namespace: shop}',
      'namespace: shop, annotations: {kubectl-canary/exempt: "undefined-subset: v2 goes today"}}',
    ),
  )
  const { code } = await runCommand(words(`lint -f ${file} --with-cluster -o json`), {
    store: over([catalog, catalogOf('v1', 'v2'), service]),
  })
  assert.equal(code, 3)
})

test('--with-cluster knows that applying an object again makes it no younger', async () => {
  const aged = (name: string, creationTimestamp: string) => ({
    ...catalog,
    metadata: { ...catalog.metadata, name, creationTimestamp },
  })
  const world = [
    aged('catalog', '2024-01-01T00:00:00Z'),
    aged('catalog-too', '2025-01-01T00:00:00Z'),
    catalogOf('v1', 'v2'),
    service,
  ]
  const { stdout } = await runCommand(
    words(`lint -f ${fileWith(virtualService([90, 10]))} --with-cluster -o json`),
    { store: over(world) },
  )
  assert.deepEqual(rulesOf(stdout), [])
})

test('--with-cluster is silent about what was broken before', async () => {
  const file = fileWith(destinationRule('v1'))
  const { stdout } = await runCommand(words(`lint -f ${file} --with-cluster -o json`), {
    store: over([catalog, catalogOf('v1'), service]),
  })
  assert.deepEqual(
    rulesOf(stdout).filter(({ severity }) => severity === 'error'),
    [],
  )
})

test('judges the live cluster in one namespace or in all', async () => {
  const store = over([catalog, catalogOf('v1'), service])
  const inShop = await runCommand(words('lint -A -o json'), { store })
  assert.equal(inShop.code, 3)
  assert.ok(rulesOf(inShop.stdout).some(({ rule }) => rule === 'undefined-subset'))
})

test('rules lists every rule once and explains each', async () => {
  const { stdout } = await runCommand(['rules', '-o', 'json'])
  const ids = (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids)
    assert.match((await runCommand(['rules', 'explain', id])).stdout, new RegExp(`^${id}\n`))
  const unknown = await runCommand(['rules', 'explain', 'weights'])
  assert.deepEqual([unknown.code, unknown.stderr.includes('weights-sum-to-100')], [1, true])
})
