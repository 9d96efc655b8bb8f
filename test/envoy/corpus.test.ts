import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test, { after } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { Labels } from '../../shared/objects/kube-object.ts'
import { orSkip } from '../cluster/cluster-test.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'
import type { RawResponse } from './connection.ts'
import { Envoy } from './envoy.ts'
import type { Client } from './istio/client.ts'
import { listenerOf, routesFor } from './translate.ts'

// What Istio's own generator and simulation say of generated worlds: the translation for Envoy is held to it.

interface World {
  readonly manifests: string
  readonly clients: readonly {
    readonly id: string
    readonly kind: string
    readonly namespace: string
    readonly labels: Labels
  }[]
  readonly requests: readonly { readonly request: Asked; readonly answer: Answer }[]
}
interface Asked {
  readonly client: string
  readonly host: string
  readonly port: number
  readonly tls?: boolean
  readonly method: string
  readonly path: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
}
interface Answer {
  readonly kind: string
  readonly virtualService?: string
  readonly route?: string
  readonly status?: number
}

let started: Promise<Envoy> | undefined
after(async () => (await started?.catch(() => undefined))?.stop())

test('translates worlds to the routes that Istio makes of them', async context => {
  const envoy = await orSkip(context, () => (started ??= Envoy.start()))
  if (!envoy) return
  let compared = 0
  for (const { manifests, clients, requests } of worldsInReach()) {
    const objects = objectsOf(manifests)
    const asked = Map.groupBy(requests, ({ request: { client, port, tls } }) => `${client} ${port} ${tls}`)
    for (const group of asked.values()) {
      const client = clientOf(clients, group[0]!.request)
      await envoy.route(listenerOf(client), routesFor(objects, client))
      for (const { request, answer } of group) {
        const { method, path, query, host, headers = {} } = request
        const target = query === undefined ? path : `${path}?${query}`
        const raw = { method, target, headers: Object.entries({ host, ...headers }) }
        const { kind, virtualService, route, status } = answer
        const expected = { kind, virtualService, route, status }
        assert.deepEqual(
          readAnswer(await envoy.send(listenerOf(client), raw)),
          expected,
          JSON.stringify(request),
        )
        compared += 1
      }
    }
  }
  assert.ok(compared > 3000)
})

// Without delegates, Sidecars and ServiceEntries, which the translation does not know.
function worldsInReach(): readonly World[] {
  const file = new URL('../fixtures/corpus/routes.jsonl.gz', import.meta.url)
  return gunzipSync(readFileSync(file))
    .toString()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as World)
    .filter(({ manifests }) => !/kind: (Sidecar|ServiceEntry)|delegate:/.test(manifests))
}

function clientOf(clients: World['clients'], { client, port, tls = false }: Asked): Client {
  const { kind, namespace, labels } = clients.find(({ id }) => id === client)!
  return { isGateway: kind === 'gateway', namespace, labels, port, isTls: tls }
}

function readAnswer({ status, headers }: RawResponse): Record<keyof Answer, unknown> {
  const { 'x-answer': answer, 'x-sent-path': sent, location } = headers
  if (answer === undefined)
    return { kind: 'none', virtualService: undefined, route: undefined, status: undefined }
  const { virtualService, route } = JSON.parse(answer) as Answer
  const common = { virtualService, route: route === '' ? undefined : route, status: undefined }
  if (location !== undefined) return { kind: 'redirect', ...common }
  return sent === undefined ? { kind: 'direct', ...common, status } : { kind: 'route', ...common }
}
