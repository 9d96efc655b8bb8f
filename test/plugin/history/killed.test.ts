import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after } from 'node:test'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { Built } from '../program/built.ts'
import { words } from '../run-command.ts'
import { isWrite } from './passing-server.ts'
import { catalogWorld, type CatalogWorld } from './catalog-world.ts'
import { statusInWords } from '../print/status-in-words.ts'

const real = clusterTests()
const built = await Built.make()
after(() => built.remove())

/** When the program is killed: at its write of this number, from 1, before the server has it or after. */
interface Moment {
  readonly at: number
  readonly when: 'before' | 'after'
}

/** Record, two VirtualServices, and the record again. */
const moments: readonly Moment[] = [1, 2, 3, 4].flatMap(at =>
  (['before', 'after'] as const).map(when => ({ at, when })),
)

/** What the next command says of the change that was killed, by how far that came. */
const saidOf = ({ at, when }: Moment): RegExp => {
  const written = at - 1 + Number(when === 'after')
  if (written === 0 || written === 4) return /^(?!.*interrupted)/s
  if (written === 1) return /was interrupted before any object was written: its record is removed/
  return written === 2
    ? /was interrupted after VirtualService \S+ was written: this is now undone/
    : /was interrupted after all objects were written: it is complete/
}

/** Runs a command through a server that passes requests on, and kills it in the given moment. */
async function killed(cluster: Cluster, world: CatalogWorld, { at, when }: Moment): Promise<void> {
  let kill = (): unknown => undefined
  let writes = 0
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    const isLast = isWrite(request, body) && ++writes === at
    if (isLast && when === 'before') return void kill()
    const { 'content-type': contentType = 'application/json' } = request.headers
    const answer = await cluster.request(request.url!, {
      method: request.method!,
      contentType,
      ...(body === '' ? {} : { body }),
    })
    if (isLast) return void kill()
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer.body))
  }
  const server = createServer((request, response) => void pass(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const child = built.start(
    'kubectl-canary',
    words(`weight catalog v2=10 -n ${world.namespace} --server ${url}`),
  )
  kill = () => child.kill('SIGKILL')
  await once(child, 'close')
  server.closeAllConnections()
  server.close()
  assert.equal(child.signalCode, 'SIGKILL', `${writes} writes`)
}

real(
  'killed at any write, a change is finished or taken back by the next command, which says so',
  async cluster => {
    await Promise.all(
      moments.map(async moment => {
        const world = await catalogWorld(cluster)
        const start = await world.state()
        await killed(cluster, world, moment)
        const { stderr } = await world.does('weight catalog v2=20')
        const about = JSON.stringify(moment)
        assert.match(stderr, saidOf(moment), about)
        assert.match(
          statusInWords((await world.does('status catalog')).stdout),
          /everyone → v1 80 %, v2 20 %/,
          about,
        )
        assert.doesNotMatch((await world.does('history catalog')).stdout, /not finished/, about)
        await world.does('undo catalog --to-revision 0')
        assert.deepEqual(await world.state(), start, about)
      }),
    )
  },
)
