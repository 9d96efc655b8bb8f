import assert from 'node:assert/strict'
import test from 'node:test'
import { formatTemplate } from '../../../plugin/print/template/format-template.ts'
import { parsePath } from '../../../plugin/print/template/json-path.ts'
import { parseTemplate } from '../../../plugin/print/template/template.ts'
import { fc } from '../../properties.ts'
import { MemoryStore, readExample } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'

const pod = {
  metadata: {
    name: 'a',
    namespace: 'shop',
    labels: { app: 'web', 'app.kubernetes.io/name': 'x', 'a-b': 'dash' },
  },
  spec: {
    containers: [
      { name: 'one', image: 'i1', ports: [{ containerPort: 80 }, { containerPort: 81 }] },
      { name: 'two', image: 'i2', command: ['a', 'b', 'c'] },
    ],
  },
  status: {
    phase: 'Running',
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Init', status: 'False' },
    ],
  },
}

// What kubectl 1.36 printed for the same object and template.
for (const [template, printed] of [
  ['{.metadata.name}', 'a'],
  ['{.metadata.name}{"\\n"}', 'a\n'],
  ['{.metadata.name}{.status.phase}', 'aRunning'],
  ['name is {.metadata.name}, {.status.phase}', 'name is a, Running'],
  ['.metadata.name', '.metadata.name'],
  ['{$.metadata.name}', 'a'],
  ['{@.metadata.name}', 'a'],
  ['{ .metadata.name }', 'a'],
  ['{.nothing}', ''],
  ['{.metadata.labels}', '{"a-b":"dash","app":"web","app.kubernetes.io/name":"x"}'],
  ['{.metadata.labels.a-b}', 'dash'],
  ['{.metadata.labels.app\\.kubernetes\\.io/name}', 'x'],
  ["{.metadata.labels['app\\.kubernetes\\.io/name']}", 'x'],
  ["{.metadata['name','namespace']}", 'a shop'],
  ["{['metadata'].name}", 'a'],
  ['{.spec.containers[*].name}', 'one two'],
  ['{.spec.containers[0].name}', 'one'],
  ['{.spec.containers[-1].name}', 'two'],
  ['{.spec.containers[0:1].name}', 'one'],
  ['{.spec.containers[:1].name}', 'one'],
  ['{.spec.containers[0,1].name}', 'one two'],
  ['{.spec.containers[1].command[0:3:2]}', 'a c'],
  ['{.spec.containers[1].command[-2:]}', 'b c'],
  ['{.spec.containers[*].ports}', '[{"containerPort":80},{"containerPort":81}]'],
  ['{.spec.containers[*].ports[*].containerPort}', '80 81'],
  ['{..containerPort}', '80 81'],
  ['{.spec..name}', 'one two'],
  ['{.status.conditions[?(@.type=="Ready")].status}', 'True'],
  ["{.status.conditions[?(@.type=='Ready')].status}", 'True'],
  ['{.status.conditions[?(@.type!="Ready")].type}', 'Init'],
  ['{.spec.containers[?(@.ports)].name}', 'one'],
  ['{.spec.containers[?(@.ports[0].containerPort>79)].name}', 'one'],
  ['{.spec.containers[?(@.name=="two")].command[1]}', 'b'],
  ['{range .spec.containers[*]}{.name}{"\\t"}{.image}{"\\n"}{end}', 'one\ti1\ntwo\ti2\n'],
  ['{range .spec.containers[*]}{range .ports[*]}{.containerPort},{end};{end}', '80,81,;;'],
  ['{.metadata.name}{\'\\n\'}{"}"}', 'a\n}'],
  ['{.metadata.name}{"\\u0041"}', 'aA'],
] as const) {
  test(`-o jsonpath='${template}' prints what kubectl prints`, () =>
    assert.equal(parseTemplate(template)(pod), printed))
}

for (const template of [
  '{.metadata.name',
  '{end}',
  '{range .spec.containers[*]}{.name}',
  '{metadata.name}',
  '{.spec.containers[x]}',
  '{.spec.containers[0}',
  '{.spec.containers[0:1:0]}',
  '{.metadata.name "x" oops}',
]) {
  test(`${template} is a usage error`, () =>
    assert.throws(() => parseTemplate(template), { code: 'usage', message: /^invalid template: / }))
}

test('an index that is out of bounds is an error, as with kubectl', () => {
  assert.throws(() => parseTemplate('{.spec.containers[5].name}')(pod), {
    code: 'usage',
    message: /out of bounds: index 5, length 2$/,
  })
})

test('every name leads to its value, however it is written', () => {
  const name = fc.stringMatching(/^[a-z./-]{1,12}$/)
  fc.assert(
    fc.property(name, fc.string(), (key, value) => {
      const escaped = key.replaceAll('.', '\\.')
      assert.deepEqual(parsePath(`.${escaped}`)({ [key]: value }), [value])
      assert.deepEqual(parsePath(`['${escaped}']`)({ [key]: value }), [value])
      assert.deepEqual(parsePath(`.list[?(@.${escaped}=="x")].${escaped}`)({ list: [{ [key]: 'x' }, {}] }), [
        'x',
      ])
    }),
  )
})

test('custom columns have a line for each row, with braces and the first dot left out or not', () => {
  assert.equal(
    formatTemplate(
      {},
      [pod, {}],
      "custom-columns=NAME:metadata.name,NS:{.metadata.namespace},C:.spec.containers[*]['name','image']",
    ),
    'NAME     NS       C\na        shop     one,i1,two,i2\n<none>   <none>   <none>',
  )
  for (const spec of ['NAME', 'NAME:', ':.a', 'A:.a,B'])
    assert.throws(() => formatTemplate({}, [], `custom-columns=${spec}`), { code: 'usage' })
})

test('jsonpath-as-json is the list of all that the paths lead to', () => {
  assert.deepEqual(JSON.parse(formatTemplate(pod, [], 'jsonpath-as-json={.spec.containers[*].ports}')), [
    pod.spec.containers[0]!.ports,
  ])
})

const run = (argv: readonly string[]) => runCommand(argv, { store: new MemoryStore(readExample('catalog')) })

test('templates choose from what -o json prints, in each command that has data', async () => {
  for (const [line, output, printed] of [
    ['status', 'jsonpath={.services[*].versions[*].name}', 'v1 v2\n'],
    ['status', 'custom-columns=S:.service,N:.namespace', 'S         N\ncatalog   istioinaction\n'],
    ['list', 'custom-columns=S:.service', 'S\n'],
    ['cohorts', 'jsonpath={.cohorts}', '[]\n'],
    ['version', 'jsonpath={.clientVersion.gitVersion}', 'v0.1.0\n'],
    ['rules explain weights-sum-to-100', 'jsonpath={.id}', 'weights-sum-to-100\n'],
    ['weight v2=10', 'jsonpath={.items[*].metadata.name}', 'catalog catalog-vs-from-gw\n'],
    ['weight v2=10', 'custom-columns=W:.spec.http[*].route[*].weight', 'W\n90,10\n90,10\n'],
  ] as const) {
    const { code, stdout, stderr } = await run([...words(line), '-o', output])
    assert.equal(code, 0, stderr)
    assert.equal(stdout, printed, `${line} -o ${output}`)
  }
})

for (const [output, message] of [
  ['go-template={{.x}}', /Go templates are not supported\n {2}.*-o json \| jq/],
  ['jsonpath-file=x', /-o jsonpath-file is not supported\n/],
  ['jsonpath=', /unknown output format "jsonpath="/],
  ['jsonpath={.a', /invalid template: a \{ without its \}/],
] as const) {
  test(`-o ${output} is a usage error before anything is written`, async () => {
    const store = new MemoryStore(readExample('catalog'))
    const { code, stderr } = await runCommand(['weight', 'v2=10', '-o', output], { store })
    assert.equal(code, 2)
    assert.match(stderr, message)
    assert.deepEqual(store.applied, [])
  })
}
