import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { openStore } from '../../../../plugin/open-store.ts'
import { ManifestsFolder } from '../../manifests-folder.ts'
import { runCommand } from '../../run-command.ts'

const template = `{{- if .Values.on }}
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: {{ .Release.Name }}
spec:
  hosts: [a]
  http:
  {{- range .Values.paths }}
  - match: [{uri: {prefix: {{ . }}}}]
    route:
    - destination: {host: catalog, subset: v1}
      weight: 50
    - destination: {host: catalog, subset: v2}
      weight: 50
  {{- end }}
  - route:
    - destination: {host: catalog, subset: v1}
      weight: {{ .Values.weight }}
    - destination: {host: catalog, subset: v2}
      weight: {{ .Values.other }}
{{- end }}
`
const route = (match: string, weights: readonly [number | string, number | string]) => `${match}
    - destination: {host: catalog, subset: v1}
      weight: ${weights[0]}
    - destination: {host: catalog, subset: v2}
      weight: ${weights[1]}
`
const rendered = (weights: readonly [number | string, number | string]) => `---
# Source: shop/templates/route.yaml
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: test
spec:
  hosts: [a]
  http:
${['/a', '/b'].map(path => route(`  - match: [{uri: {prefix: ${path}}}]\n    route:`, [50, 50])).join('')}${route('  - route:', weights)}`

const lint = (format: string, stdin: string) =>
  runCommand(['lint', '-f', '-', '--severity', 'error', ...(format === '' ? [] : ['-o', format])], {
    store: openStore,
    stdin,
  })

interface Report {
  readonly findings: readonly {
    readonly file: string
    readonly template: { readonly file: string; readonly line: number | null } | null
  }[]
}
const templatesOf = async (stdin: string) =>
  (JSON.parse((await lint('json', stdin)).stdout) as Report).findings.map(one => one.template)

/** Runs in a folder with the chart; templates are looked for from the current folder on. */
async function inChart(files: readonly string[], work: () => Promise<void>): Promise<void> {
  using folder = new ManifestsFolder()
  const before = process.cwd()
  for (const file of files) {
    mkdirSync(join(folder.path, file, '..'), { recursive: true })
    folder.write(file, template)
  }
  process.chdir(folder.path)
  try {
    await work()
  } finally {
    process.chdir(before)
  }
}

test('a finding in what Helm rendered names the template, and its line where the template is there', async () => {
  const text = rendered([90, 20])
  await inChart([], async () => {
    assert.deepEqual(await templatesOf(text), [{ file: 'shop/templates/route.yaml', line: null }])
    assert.match((await lint('', text)).stdout, /\n {2}From the template shop\/templates\/route\.yaml\n/)
  })
  for (const place of [
    'templates/route.yaml',
    'shop/templates/route.yaml',
    'charts/shop/templates/route.yaml',
  ]) {
    await inChart([place], async () => {
      assert.deepEqual(await templatesOf(text), [{ file: place, line: 17 }])
      assert.match((await lint('', text)).stdout, /^stdin:22:5: error: [^]*\n {2}From the template \S+:17\n/)
      assert.match((await lint('github', text)).stdout, new RegExp(`file=${place},line=17,`))
      assert.match((await lint('sarif', text)).stdout, new RegExp(`"uri": "${place}"[^]*"startLine": 17`))
    })
  }
})

test('of several lines that render alike, the one in the place of the finding is named', async () => {
  await inChart(['templates/route.yaml'], async () => {
    assert.deepEqual(
      (await templatesOf(rendered([90, '"10"']))).map(one => one?.line),
      [21],
    )
  })
})

test('a document without a source comment has no template, whatever the one before it says', async () => {
  const [own, other] = [
    rendered([90, 20]),
    rendered([80, 30])
      .replace(/# Source.*\n/, '')
      .replace('name: test', 'name: z'),
  ]
  assert.deepEqual(await templatesOf(own + other), [{ file: 'shop/templates/route.yaml', line: null }, null])
})
