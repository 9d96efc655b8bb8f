import assert from 'node:assert/strict'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { catalogWorld, type CatalogWorld } from './catalog-world.ts'
import { passingServer, type PassedWrite } from './passing-server.ts'
import { statusInWords } from '../print/status-in-words.ts'

const real = clusterTests()

/** A verb, what came before it, and what `status` says after it. */
interface Case {
  readonly verb: string
  readonly after: readonly string[]
  readonly says: RegExp
  /** The world has no routes yet. */
  readonly unrouted?: boolean
  /** It deletes objects, which somebody else may have changed since: it may say so and stop. */
  readonly mayRefuse?: boolean
}

const cases: readonly Case[] = [
  { verb: 'init catalog --stable v1', after: [], unrouted: true, says: /everyone → v1\b/ },
  { verb: 'cohort internal catalog --to v2', after: [], says: /cohort internal .*→ v2/ },
  {
    verb: 'cohort internal catalog --remove',
    after: ['cohort internal catalog --to v2'],
    says: /^(?!.*internal)[^]*everyone → v1\b/,
  },
  { verb: 'weight catalog v2=10', after: [], says: /v1 90 %, v2 10 %/ },
  { verb: 'promote catalog v2', after: ['weight catalog v2=10'], says: /everyone → v2\b/ },
  { verb: 'abort catalog', after: ['weight catalog v2=10'], says: /everyone → v1\b/ },
  { verb: 'undo catalog', after: ['weight catalog v2=10'], says: /everyone → v1\b/ },
  {
    verb: 'undo catalog',
    after: ['init catalog --stable v1'],
    unrouted: true,
    mayRefuse: true,
    says: /no VirtualService|not routed|catalog/,
  },
  { verb: 'cleanup catalog --yes', after: ['promote catalog v2'], says: /everyone → v2\b/ },
  {
    verb: 'cleanup catalog --yes --delete-workloads',
    after: ['promote catalog v2'],
    says: /everyone → v2\b/,
  },
]

const isOfWorld = (path: string): boolean =>
  /\/(virtualservices|destinationrules|deployments)(\/|$)/.test(path)

const marked = (object: KubeObject): boolean => object.metadata.annotations?.['someone'] === 'was here'

/** Somebody else's edit of the object of a write, or of the routes where that is of a record: where it is, or why there is none. */
async function editByHand(
  cluster: Cluster,
  world: CatalogWorld,
  { method, path, body }: PassedWrite,
): Promise<string | undefined> {
  const target = isOfWorld(path) ? path : world.path('virtualservices', 'catalog')
  if (method === 'POST' && isOfWorld(path)) {
    const made = JSON.parse(body) as KubeObject
    const annotations = { someone: 'was here' }
    await cluster.expect(path, {
      method,
      body: { ...made, metadata: { ...made.metadata, annotations } },
    })
    return `${path}/${made.metadata.name}`
  }
  const { status } = await cluster.request(target, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations: { someone: 'was here' } } },
  })
  if (status !== 200 || !target.includes('virtualservices')) return status === 200 ? target : undefined
  await cluster.expect(target, {
    method: 'PATCH',
    contentType: 'application/json-patch+json',
    body: [{ op: 'add', path: '/spec/http/0', value: byHand }],
  })
  return target
}

const byHand = {
  name: 'by-hand',
  match: [{ uri: { prefix: '/by-hand' } }],
  directResponse: { status: 418 },
}

interface Edited {
  readonly place: string
  readonly ended: { readonly code: number }
  readonly about: string
  /** The object was made by somebody else, without the route. */
  readonly isCreation: boolean
}

/** What somebody else wrote is still there, unless the whole object is what was to go. */
async function requireKept(cluster: Cluster, { place, ended, about, isCreation }: Edited): Promise<void> {
  const { status, body } = await cluster.request(place)
  if (status === 404) {
    assert.ok(ended.code === 0 && /--delete-workloads/.test(about), `${about}: the object is gone`)
    return
  }
  const object = body as KubeObject
  assert.ok(marked(object), `${about}: the edit is lost`)
  const { http = [] } = Reflect.get(object, 'spec') as { readonly http?: readonly object[] }
  const routes = http.filter(route => Reflect.get(route, 'name') === 'by-hand').length
  assert.equal(routes, place.includes('virtualservices') && !isCreation ? 1 : 0, about)
}

/** Runs a case with somebody else's edit before the write of this number; false where there are fewer writes. */
async function interrupted(cluster: Cluster, one: Case, number: number): Promise<boolean> {
  const world = await catalogWorld(cluster, { routed: one.unrouted !== true })
  for (const line of one.after) await world.does(line)
  let place: string | undefined
  await using server = await passingServer(cluster, async write => {
    if (write.number === number) place = await editByHand(cluster, world, write)
  })
  const ended = await world.canary(`${one.verb} --server ${server.url}`)
  if (server.writes.length < number) return false
  const { method, path } = server.writes[number - 1]!
  const about = `${one.verb}, at write ${number} (${method} ${path}): ${ended.code} ${ended.stderr}`
  assert.ok(ended.code === 0 || (ended.code === 3 && one.mayRefuse === true), about)
  if (place !== undefined)
    await requireKept(cluster, { place, ended, about, isCreation: method === 'POST' && isOfWorld(path) })
  assert.doesNotMatch((await world.does('history catalog')).stdout, /not finished/, about)
  if (ended.code === 0)
    assert.match(statusInWords((await world.does('status catalog')).stdout), one.says, about)
  else assert.match(ended.stderr, /since revision 1, outside of kubectl canary/, about)
  return true
}

for (const one of cases)
  real(
    `an edit by somebody else before any write of ‘${[...one.after, one.verb].join(' · ')}’ is kept, and planned with`,
    async cluster => {
      let count = 0
      for (let number = 1; await interrupted(cluster, one, number); number++) count = number
      assert.ok(count >= 3, `${count} writes`)
    },
  )
