import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { openStore } from '../../../plugin/open-store.ts'
import { contentOf } from '../../../shared/objects/content/content.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { runCommand, words, type Ended } from '../run-command.ts'
import { catalogYaml, catalogWorld } from './catalog-world.ts'

const real = clusterTests()

/** The routing objects of a folder, as `state` has those of a cluster. */
async function stateOf(folder: string, namespace: string): Promise<readonly KubeObject[]> {
  const files = (await readdir(folder)).toSorted()
  const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')))
  return texts
    .flatMap(text => parseAllDocuments(text).map(document => document.toJS() as KubeObject | null))
    .filter(object => object !== null)
    .map(object => ({ ...object, metadata: { ...object.metadata, namespace } }))
}

/** Without what kubectl notes down of an apply. */
function plain(object: KubeObject): KubeObject {
  const { annotations = {}, ...metadata } = object.metadata
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...own } = annotations
  return {
    ...object,
    metadata: { ...metadata, ...(Object.keys(own).length > 0 && { annotations: own }) },
  }
}

const byName = (objects: readonly unknown[]): readonly KubeObject[] =>
  (objects as readonly KubeObject[])
    .filter(({ kind }) => kind === 'VirtualService' || kind === 'DestinationRule')
    .map(object => plain(contentOf(object)))
    .toSorted((a, b) => (`${a.kind}${a.metadata.name}` < `${b.kind}${b.metadata.name}` ? -1 : 1))

/** What is done in a day, and what files cannot do. */
const days: readonly { readonly routed: boolean; readonly lines: readonly string[] }[] = [
  {
    routed: false,
    lines: [
      'init catalog --stable v1',
      'cohort internal catalog --to v2 --reason staff',
      'weight catalog v2=10',
      'cohort beta catalog --to v2 --header x-beta',
      'weight catalog v2=25',
      'cohort internal catalog --remove',
      'promote catalog v2',
      'weight catalog v1=50',
      'abort catalog',
    ],
  },
  {
    routed: true,
    lines: [
      'cohort internal catalog --to v2',
      'weight catalog v2=10',
      'weight catalog v2=25',
      'abort catalog',
      'weight catalog v2=50',
      'promote catalog v2',
    ],
  },
]

for (const { routed, lines } of days)
  real(
    `a day ${routed ? 'beside existing routes' : 'from the first route on'} gives the same objects on files as on the server, step by step`,
    async cluster => {
      const world = await catalogWorld(cluster, { routed })
      const folder = await mkdtemp(join(tmpdir(), 'day-'))
      try {
        await writeFile(join(folder, 'catalog.yaml'), catalogYaml(world.namespace, { routed }))
        const now = new Date()
        const run = (line: string, where: readonly string[]): Promise<Ended> =>
          runCommand([...words(line), '-n', world.namespace, ...where], { store: openStore, now })
        const [onServer, onFiles] = [
          ['--kubeconfig', cluster.kubeconfig],
          ['-f', folder],
        ]
        for (const line of lines) {
          const [live, files] = [await run(line, onServer), await run(line, onFiles)]
          assert.deepEqual([live.code, files.code], [0, 0], `${line}: ${live.stderr}${files.stderr}`)
          assert.deepEqual(byName(await stateOf(folder, world.namespace)), byName(await world.state()), line)
        }
        for (const line of ['undo catalog', 'history catalog']) {
          const { code, stderr } = await run(line, onFiles)
          assert.equal(code, 2, stderr)
          assert.match(stderr, /files|-f/, line)
        }
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  )
