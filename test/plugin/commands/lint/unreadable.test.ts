import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../../manifests-folder.ts'

const service =
  'apiVersion: v1\nkind: Service\nmetadata: {name: catalog}\nspec: {ports: [{name: http, port: 80}]}\n'
const broken = 'apiVersion: v1\nkind: Service\nmetadata:\n\tname: catalog\n'

interface Finding {
  readonly rule: string
  readonly severity: string
  readonly kind: string | null
  readonly line: number | null
}
const findingsOf = (stdout: string) => (JSON.parse(stdout) as { findings: readonly Finding[] }).findings

function folderWith(files: Readonly<Record<string, string | Uint8Array>>): ManifestsFolder {
  const folder = new ManifestsFolder()
  for (const [name, text] of Object.entries(files)) folder.write(name, text)
  return folder
}

for (const [what, text, line] of [
  ['tabs', broken, 4],
  ['an open brace', 'kind: Service\nmetadata: {name: a\nspec: 1\n', 3],
  ['conflict markers', `<<<<<<< HEAD\n${service}=======\n>>>>>>> other\n`, 1],
  ['a wrong separator', `${service}--- a: b\n`, 5],
  ['an object without a name', 'apiVersion: v1\nkind: Service\nmetadata: {}\n', 1],
  ['bytes', new Uint8Array([0, 1, 2, 255]), null],
] as const) {
  test(`lint reports ${what} as an error at its place, alone and beside a good file`, async () => {
    for (const beside of [{}, { 'good.yaml': service }]) {
      using folder = folderWith({ 'bad.yaml': text, ...beside })
      const { code, stdout } = await folder.run('lint -o json')
      assert.equal(code, 3)
      assert.deepEqual(
        findingsOf(stdout).map(one => [one.rule, one.severity, one.kind, one.line]),
        [['unreadable-manifest', 'error', null, line]],
      )
    }
  })
}

test('every format shows where a manifest cannot be read', async () => {
  using folder = folderWith({ 'bad.yaml': broken, 'good.yaml': service })
  const text = await folder.run('lint')
  assert.match(
    text.stdout,
    /bad\.yaml:4:1: error: this cannot be read: tabs .*\(unreadable-manifest\)\n[^]*> 4 \| \tname/,
  )
  assert.doesNotMatch(text.stderr, /skipped/)
  for (const [format, expected] of [
    ['github', /^::error file=\S+bad\.yaml,line=4,col=1,title=unreadable-manifest::this cannot be read/],
    ['junit', /<failure type="unreadable-manifest"[^>]*>\S+bad\.yaml:4:1: this/],
    ['sarif', /"ruleId": "unreadable-manifest",\s+"level": "error"[^]*"startLine": 4/],
  ] as const) {
    const { code, stdout } = await folder.run(`lint -o ${format}`)
    assert.deepEqual([code, expected.test(stdout)], [3, true], stdout)
  }
})

test('the finding is weighed and disabled like any other, and then the file is listed as skipped', async () => {
  using folder = folderWith({ 'bad.yaml': broken, 'good.yaml': service })
  assert.equal((await folder.run('lint --severity unreadable-manifest=warning')).code, 0)
  const { code, stdout } = await folder.run('lint --disable unreadable-manifest -o json')
  const { findings, skipped } = JSON.parse(stdout) as { findings: unknown[]; skipped: unknown[] }
  assert.deepEqual([code, findings.length, skipped.length], [0, 0, 1])
})

test('an edit beside a broken file is made, with a note', async () => {
  using folder = new ManifestsFolder('catalog')
  folder.write('bad.yaml', broken)
  const { code, stderr } = await folder.run('cohort internal --to v2 --service catalog')
  assert.equal(code, 0, stderr)
  assert.match(stderr, /note: \S+bad\.yaml:4:1: skipped: tabs/)
})

test('an empty folder, an absent path and empty input are errors that say so', async () => {
  using folder = new ManifestsFolder()
  for (const [line, message] of [
    ['lint', /^error: \S+: the folder has no YAML or JSON file\n/],
    ['weight v2=10', /^error: \S+: the folder has no YAML or JSON file\n/],
    ['lint -f /not/there', /^error: \/not\/there: the file or folder does not exist\n/],
    ['lint -f -', /^error: standard input is empty\n/],
  ] as const) {
    if (line === 'lint -f -') folder.write('good.yaml', service)
    const { code, stdout, stderr } = await folder.run(line)
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, message)
  }
})

test('nothing but templates and values is one note with the count, and no error', async () => {
  using folder = folderWith({
    'a.yaml': 'kind: {{ .Values.kind }}\nname: {{ .Values.name }}\n',
    'b.yaml': '{{- if .Values.on }}\nkind: Service\n{{- end }}\n',
    'values.yaml': 'on: true\nimage: {tag: v1}\n',
  })
  const { code, stdout, stderr } = await folder.run('lint')
  assert.deepEqual([code, stdout], [0, ''])
  assert.match(
    stderr,
    /^No Service, workload or routing object was found in \S+, only 2 documents with templates and 1 document of other kinds or none\. Render .*\nlint: no findings\n$/,
  )
})

for (const [name, text] of [
  ['events.json', '{"a": 1},\n{"a": 2}\n'],
  ['odd.yaml', 'a: [1\nb: : c\n'],
  ['rows.yaml', 'a: 1\n--- second\nb: 2\n'],
  ['nested.json', '{"a": {"kindOf": 1}, }}'],
] as const)
  test(`data of other software in a folder is passed over, and an error where it is named: ${name}`, async () => {
    using folder = folderWith({ [name]: text, 'good.yaml': service })
    const { code, stdout, stderr } = await folder.run('lint -o json')
    assert.deepEqual([code, findingsOf(stdout)], [0, []], stderr)
    assert.doesNotMatch((await folder.run('status')).stderr, /skipped/)
    const named = await folder.run(`lint -f ${folder.path}/${name} -o json`)
    assert.equal(named.code, 3)
    assert.deepEqual([...new Set(findingsOf(named.stdout).map(({ rule }) => rule))], ['unreadable-manifest'])
  })

test('a patch beside a kustomization that cannot be read is an error, although it has no kind', async () => {
  using folder = folderWith({
    'kustomization.yaml': 'resources: [good.yaml]\npatches: [{path: patch.yaml, target: {kind: Service}}]\n',
    'patch.yaml': '- op: replace\n  path: [\n',
    'good.yaml': service,
  })
  const { code, stdout } = await folder.run('lint -o json')
  assert.equal(code, 3)
  assert.ok(findingsOf(stdout).some(({ rule }) => rule === 'unreadable-manifest'))
})

for (const [what, text, path] of [
  ['a label', 'metadata: {name: catalog, labels: {version: 1.9}}', 'metadata.labels.version'],
  [
    'an annotation',
    'metadata: {name: catalog, annotations: {prometheus.io/scrape: true}}',
    'metadata.annotations["prometheus.io/scrape"]',
  ],
  ['a selector', 'metadata: {name: catalog}\nspec: {selector: {version: true}}', 'spec.selector.version'],
] as const)
  test(`${what} that is no string is an error once, and none once it is in quotes`, async () => {
    using folder = folderWith({ 'a.yaml': `apiVersion: v1\nkind: Service\n${text}\n` })
    const { code, stdout, stderr } = await folder.run('lint -o json')
    assert.equal(code, 3)
    assert.equal(stderr, '')
    const [finding, ...others] = findingsOf(stdout)
    assert.deepEqual(others, [])
    assert.partialDeepStrictEqual(finding, {
      rule: 'unreadable-manifest',
      severity: 'error',
      kind: 'Service',
      path,
      fix: `Put the value of ${path} in quotes.`,
    })
    folder.write('a.yaml', folder.texts()['a.yaml']!.replace(/(?<=(?:version|scrape): )[\w.]+/, '"$&"'))
    assert.equal((await folder.run('lint')).code, 0)
  })

test('an item of a List that cannot be read is shown at its own place, in YAML and in JSON', async () => {
  const item = (name: string): string =>
    `{"apiVersion": "v1", "kind": "Service", "metadata": {${name}}, "spec": {"ports": [{"name": "http", "port": 80}]}}`
  const items = `[\n  ${item('"name": "a"')},\n  ${item('')}\n]`
  for (const [name, text] of [
    ['list.json', `{"apiVersion": "v1", "kind": "List", "items": ${items}}\n`],
    ['list.yaml', `apiVersion: v1\nkind: List\nitems:\n- ${item('"name": "a"')}\n- ${item('')}\n`],
  ] as const) {
    using folder = folderWith({ [name]: text })
    const { code, stdout } = await folder.run('lint -o json')
    assert.equal(code, 3)
    assert.deepEqual(
      findingsOf(stdout).map(one => [one.rule, one.line]),
      [['unreadable-manifest', text.slice(0, text.lastIndexOf('{"apiVersion')).split('\n').length]],
    )
  }
})
