import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import type { Outcome } from '../../../cluster/cluster.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { guarded } from '../guarded.ts'

const real = clusterTests()
const examples = join(import.meta.dirname, '../../../../examples')

/** What `-f` gets to read: the folder itself, or its files without the one that holds a kind which the cluster does not serve. */
async function input(
  folder: string,
): Promise<{ readonly namespaces: ReadonlySet<string>; readonly flags: readonly string[] }> {
  const files = (await readdir(join(examples, folder)))
    .filter(name => name.endsWith('.yaml'))
    .map(name => join(examples, folder, name))
    .toSorted()
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8')))
  const objects = texts.flatMap(text =>
    parseAllDocuments(text).map(
      document => document.toJS() as { readonly metadata: { readonly namespace?: string } } | null,
    ),
  )
  const served = files.filter((_, i) => !/^apiVersion: flagger/m.test(texts[i]!))
  return {
    namespaces: new Set(objects.flatMap(object => object?.metadata.namespace ?? [])),
    flags:
      served.length === files.length ? ['-f', join(examples, folder)] : served.flatMap(file => ['-f', file]),
  }
}

for (const folder of await readdir(examples)) {
  real(`examples/${folder} is applied in one go, labelled without a word, and deleted`, async cluster => {
    const { namespaces, flags } = await input(folder)
    for (const name of namespaces)
      await cluster.request('/api/v1/namespaces', { method: 'POST', body: { metadata: { name } } })
    const place = namespaces.size === 0 ? ['-n', await cluster.namespace()] : []
    await using _guard = await guarded(cluster, { rules: guardedRules })
    const kubectl = (...args: string[]): Promise<Outcome> => cluster.kubectl([...args, ...flags, ...place])
    const applied = await kubectl('apply')
    assert.equal(applied.code, 0, applied.stderr)
    const labelled = await kubectl('label', 'team=shop', '--overwrite')
    assert.deepEqual([labelled.code, labelled.stderr], [0, ''])
    // By file name, a DestinationRule may come before the route that needs it: that one is refused, the rest goes, and the same command again succeeds.
    const first = await kubectl('delete')
    const refusals = [...first.stderr.matchAll(/^\[(.*)\] /gm)].map(([, rule]) => rule!)
    assert.deepEqual(
      refusals.filter(rule => !['subset-without-destination-rule', 'undefined-subset'].includes(rule)),
      [],
      first.stderr,
    )
    assert.equal(first.code === 0, refusals.length === 0, first.stderr)
    const again = await kubectl('delete', '--ignore-not-found')
    assert.deepEqual([again.code, again.stderr], [0, ''])
  })
}
