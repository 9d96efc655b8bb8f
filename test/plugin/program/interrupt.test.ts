import assert from 'node:assert/strict'
import { once } from 'node:events'
import test, { after } from 'node:test'
import { refOf, resources } from '../../../shared/objects/kinds.ts'
import { listOf, startFakeServer, status, type Reply, type Seen } from '../../live/api-server.ts'
import { readExample } from '../memory-store.ts'
import { words } from '../run-command.ts'
import { Built } from './built.ts'

const built = await Built.make()
after(() => built.remove())

const objects = readExample('catalog').map(object => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: '1', uid: object.metadata.name },
}))

/** A change that is to last: no dry run, and no record. */
const isWrite = ({ method, url }: Seen): boolean => method === 'PATCH' && !url.searchParams.has('dryRun')

/** Lists what the example has, and takes every write. */
function answer({ method, url, body }: Seen): Reply {
  const name = url.pathname.split('/').at(-1)!
  if (method === 'PATCH')
    return {
      body: {
        ...objects.find(object => object.kind === 'VirtualService' && object.metadata.name === name),
        ...(JSON.parse(body) as object),
        metadata: { name, namespace: 'istioinaction', resourceVersion: '2', uid: name },
      },
    }
  if (name === 'istio') return status(404, 'NotFound', 'there is none')
  return listOf(objects.filter(object => resources[refOf(object).kind].plural === name))
}

test(
  'Ctrl-C between two writes undoes the first, says so once and ends with 130',
  { timeout: 60_000 },
  async () => {
    let interrupt: () => Promise<unknown> = () => Promise.resolve()
    await using server = await startFakeServer(
      async seen => {
        // The answer waits until the signal has arrived: from then on no further write may begin but the one that undoes this.
        if (isWrite(seen)) await interrupt()
        return answer(seen)
      },
      { plain: true },
    )
    const child = built.start('kubectl-canary', words(`weight v2=10 -n istioinaction --server ${server.url}`))
    const said = { stdout: '', stderr: '' }
    child.stdout?.on('data', text => {
      said.stdout += String(text)
    })
    child.stderr?.on('data', text => {
      said.stderr += String(text)
    })
    interrupt = async () => {
      interrupt = () => Promise.resolve()
      child.kill('SIGINT')
      while (!said.stderr.includes('interrupted')) await once(child.stderr!, 'data')
    }
    const [code] = await once(child, 'close')
    assert.equal(code, 130, said.stderr)
    assert.equal(said.stdout, '')
    assert.match(
      said.stderr,
      /^interrupted: waiting for the current write; press Ctrl-C again to stop at once\nerror: interrupted before VirtualService istioinaction\/catalog-vs-from-gw was written; the changes before it \(VirtualService istioinaction\/catalog\) were undone\n$/,
    )
    const patches = server.seen.filter(isWrite)
    assert.deepEqual(
      patches.map(({ url }) => url.pathname.split('/').at(-1)),
      ['catalog', 'catalog'],
    )
    const [there, back] = patches.map(
      ({ body }) =>
        JSON.parse(body) as {
          readonly metadata: { readonly annotations: unknown; readonly resourceVersion: string }
          readonly spec: { readonly http: readonly { readonly route: readonly unknown[] }[] }
        },
    )
    assert.deepEqual([there?.spec.http[0]?.route.length, back?.spec.http[0]?.route.length], [2, 1])
    assert.deepEqual(back?.metadata, { annotations: null, resourceVersion: '2' })
  },
)
