import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { allValues, everyValue } from './every-value.ts'
import { chart, helms, helmTest, render, type Rendered, type Values } from './helm.ts'
import { schemaFile } from './schema/kubernetes-definitions.ts'
import { pathsOf, valuesAt, type ChartSchema } from './schema/values-at.ts'

/** The object of a kind, written as in the table: a name that ends so, where there are several. */
function objectOf(objects: readonly Rendered[], kindAndEnd: string): Rendered | undefined {
  const [kind, end] = kindAndEnd.split(' ')
  return objects.find(
    ({ kind: other, metadata }) =>
      other === kind
      && (end === undefined
        ? !/-(dashboard|test|history)$/.test(metadata.name)
        : metadata.name.endsWith(end)),
  )
}

/** What the chart renders to without the value in question, which is the same for most of them. */
const renderedOnce = new Map<string, Promise<readonly Rendered[]>>()
function renderOnce(values: Values): Promise<readonly Rendered[]> {
  const key = JSON.stringify(values)
  const rendered = renderedOnce.get(key) ?? render(values)
  renderedOnce.set(key, rendered)
  return rendered
}

for (const [path, [value, kind, seen, needs = {}]] of Object.entries(everyValue)) {
  helmTest(`${path} is seen in ${kind}, and nowhere without it`, async () => {
    const [before, after] = [
      await renderOnce(valuesAt(needs)),
      await render(valuesAt({ ...needs, [path]: value })),
    ]
    if (seen === null)
      assert.deepEqual([objectOf(before, kind) === undefined, objectOf(after, kind)], [false, undefined])
    else assert.partialDeepStrictEqual(objectOf(after, kind), seen)
    if (path in needs || path === 'webhook.deleteConfigurationFirst') return
    assert.notDeepEqual(after, before)
  })
}

test('the table above has every value that the schema describes, and no other', async () => {
  const schema = JSON.parse(await readFile(schemaFile, 'utf8')) as ChartSchema
  assert.deepEqual(Object.keys(everyValue).sort(), [...pathsOf(schema)].sort())
})

test('a template uses every value', async () => {
  const files = await readdir(join(chart, 'templates'), { recursive: true, withFileTypes: true })
  const texts = await Promise.all(
    files.filter(file => file.isFile()).map(file => readFile(join(file.parentPath, file.name), 'utf8')),
  )
  const all = texts.join('\n')
  // A section is given as a whole to what makes labels, annotations and scrape settings.
  const isUsed = (path: string): boolean =>
    all.includes(`.Values.${path}`)
    || all.includes(`(default dict .Values.${path.replace(/\.(\w+)$/, ').$1')}`)
    || (/\.(labels|annotations|interval|scrapeTimeout|metricRelabelings)$/.test(path)
      && new RegExp(`\\.Values\\.${path.slice(0, path.lastIndexOf('.'))}\\b[^.]`).test(all))
  assert.deepEqual(
    Object.keys(everyValue).filter(path => !isUsed(path)),
    [],
  )
})

helmTest('labels and annotations for all objects are on every one, and on the pods', async () => {
  const mark = { 'example.com/team': 'shop' }
  const only = { commonLabels: mark, commonAnnotations: mark }
  for (const values of [
    allValues('podMonitor'),
    allValues('serviceMonitor'),
    { certificate: { mode: 'builtIn' } },
  ]) {
    const objects = await render({ ...values, ...only })
    for (const object of objects)
      assert.partialDeepStrictEqual(object.metadata, { labels: mark, annotations: mark })
    assert.partialDeepStrictEqual(objectOf(objects, 'Deployment'), {
      spec: { template: { metadata: { labels: mark, annotations: mark } } },
    })
  }
})

helmTest(
  'no label of the user takes the pods away from the Service, or an object away from Helm',
  async () => {
    for (const label of [
      'app.kubernetes.io/name',
      'app.kubernetes.io/instance',
      'app.kubernetes.io/managed-by',
    ]) {
      for (const key of ['commonLabels', 'podLabels'])
        await assert.rejects(render({ [key]: { [label]: 'other' } }), /values don't meet the specifications/)
    }
    const objects = await render({ commonLabels: { 'app.kubernetes.io/part-of': 'platform' } })
    for (const { metadata } of objects)
      assert.equal(metadata.labels?.['app.kubernetes.io/part-of'], 'platform')
  },
)

helmTest(
  "nothing keeps OpenShift's restricted SCC from giving the pods their users, in both Helms",
  async () => {
    const unset = { runAsUser: null, runAsGroup: null, fsGroup: null }
    for (const which of helms) {
      const objects = await render({ podSecurityContext: unset }, which)
      for (const spec of [
        (objectOf(objects, 'Deployment')!['spec'] as { readonly template: { readonly spec: object } })
          .template.spec,
        objectOf(objects, 'Pod -test')!['spec'],
      ]) {
        const { securityContext } = spec as { readonly securityContext: object }
        assert.deepEqual(securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
      }
    }
  },
)

helmTest('a variable of the user takes the place of the one of the chart', async () => {
  const objects = await render({ extraEnv: [{ name: 'NODE_OPTIONS', value: '--trace-gc' }] })
  const { spec } = objectOf(objects, 'Deployment')! as unknown as {
    readonly spec: {
      readonly template: { readonly spec: { readonly containers: readonly [{ readonly env: unknown }] } }
    }
  }
  assert.deepEqual(spec.template.spec.containers[0].env, [
    { name: 'MALLOC_ARENA_MAX', value: '2' },
    { name: 'NODE_OPTIONS', value: '--trace-gc' },
  ])
})

helmTest('says what is wrong with values that cannot go together', async () => {
  await assert.rejects(render({ hostNetwork: true }), /webhook\.port is 10250, which is the kubelet's port/)
  await assert.rejects(
    render({ serviceMonitor: { enabled: true }, podMonitor: { enabled: true } }),
    /serviceMonitor\.enabled and podMonitor\.enabled are both true/,
  )
})

helmTest(
  'without accounts and roles of its own, the guard and its test use the account that is named',
  async () => {
    const objects = await render({
      serviceAccount: { create: false, name: 'given' },
      rbac: { create: false },
    })
    assert.deepEqual(
      // The role for history is for people.
      objects.filter(
        ({ kind, metadata }) => /Role|ServiceAccount/.test(kind) && !metadata.name.endsWith('-history'),
      ),
      [],
    )
    assert.partialDeepStrictEqual(objectOf(objects, 'Deployment'), {
      spec: { template: { spec: { serviceAccountName: 'given' } } },
    })
    assert.partialDeepStrictEqual(objectOf(objects, 'Pod -test'), { spec: { serviceAccountName: 'given' } })
  },
)
