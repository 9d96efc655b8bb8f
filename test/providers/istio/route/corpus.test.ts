import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { DecidedDestination, Decision } from '../../../../shared/routing/request/decision.ts'
import type { Labels } from '../../../../shared/objects/kube-object.ts'
import { route } from '../../../../shared/providers/istio/route/route.ts'
import { parseDuration } from '../../../../shared/objects/text/parse-duration.ts'
import { defaultMesh } from '../../../../shared/view/mesh.ts'
import { sessionOf } from '../../../../shared/view/session.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { objectsOf } from '../resolve/corpus.ts'
import { re2 } from '../../../routing/requests.ts'

interface World {
  readonly world: string
  readonly manifests: string
  readonly rootNamespace: string
  readonly clients: readonly {
    readonly id: string
    readonly kind: string
    readonly namespace: string
    readonly labels?: Labels
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

/** What Istio's route generator and simulation answer. */
interface Answer {
  readonly kind: string
  readonly virtualService?: string
  readonly route?: string
  readonly status?: number
  readonly destinations?: readonly Reached[]
  /** `outbound|80|v2|catalog.shop.svc.cluster.local 100000`: the cluster, and parts of a million, or 100 for all. */
  readonly mirrors?: readonly string[]
  readonly rewrite?: string
  readonly timeout?: string
  readonly redirect?: { readonly host?: string; readonly path?: string; readonly code?: string }
}
interface Reached {
  readonly host: string
  readonly subset?: string
  readonly port: number | ''
  readonly percent: number
  readonly exists: boolean
}

const file = new URL('../../../fixtures/corpus/routes.jsonl.gz', import.meta.url)
const worlds = gunzipSync(readFileSync(file))
  .toString()
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as World)

describe('requests are routed as Istio routes them', () => {
  for (const { world, manifests, rootNamespace, clients, requests } of worlds) {
    it(world, () => {
      const view = sessionOf(snapshot(objectsOf(manifests), { mesh: { ...defaultMesh, rootNamespace } }))
      for (const { request, answer } of requests) {
        const { client, ...rest } = request
        const { kind, namespace, labels = {} } = clients.find(({ id }) => id === client)!
        const caller = {
          kind: kind === 'gateway' ? ('gateway' as const) : ('workload' as const),
          namespace,
          labels,
        }
        const decision = route(view, { caller, headers: {}, ...rest }, { regex: re2 })
        assert.deepEqual(answerOf(decision), comparable(answer), JSON.stringify(request))
      }
    })
  }
})

/** The corpus counts what goes to one cluster together. */
const together = (destinations: readonly Reached[]): Readonly<Record<string, number>> => {
  const percents: Record<string, number> = {}
  for (const { host, subset = '', port, percent, exists } of destinations) {
    const cluster = `${host}|${subset}|${port}|${exists ? 'exists' : 'missing'}`
    percents[cluster] = (percents[cluster] ?? 0) + percent
  }
  return percents
}

const comparable = ({ destinations = [], timeout, ...rest }: Answer) => ({
  ...rest,
  destinations: together(destinations),
  timeout: parseDuration(timeout ?? ''),
})

const codes: Readonly<Record<number, string>> = { 302: 'FOUND', 303: 'SEE_OTHER', 307: 'TEMPORARY_REDIRECT' }

function answerOf(decision: Decision): ReturnType<typeof comparable> {
  const { kind, route: by, status, redirect, rewrite, timeout, isPassedThrough } = decision
  const destinations = isPassedThrough
    ? [{ host: 'PassthroughCluster', port: '' as const, percent: 100, exists: true }]
    : decision.destinations.map(reachedOf)
  const mirrors = decision.mirrors.map(mirrorOf)
  const given = {
    virtualService: by === undefined ? undefined : `${by.owner.namespace}/${by.owner.name}`,
    route: by === undefined ? undecided(decision) : by.name,
    status,
    mirrors: mirrors.length === 0 ? undefined : mirrors,
    rewrite: rewrite?.regex === undefined ? rewrite?.prefix : formatRegex(rewrite.regex),
    redirect: redirect === undefined ? undefined : said({ ...redirect, code: codes[redirect.code] }),
  }
  return { kind, ...said(given), destinations: together(destinations), timeout }
}

/** What Istio calls the routes that it makes by itself. */
const undecided = ({ kind, isPassedThrough }: Decision): string | undefined =>
  kind === 'none' ? undefined : isPassedThrough ? 'allow_any' : 'default'

const formatRegex = ({ match, substitution }: { readonly match: string; readonly substitution: string }) =>
  `regex ${match} -> ${substitution}`

const said = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never

const reachedOf = ({ host, subset, port, percent, failure }: DecidedDestination): Reached => ({
  host,
  ...(subset === undefined ? {} : { subset }),
  port: port!,
  percent,
  exists: failure?.flag !== 'NC',
})

const mirrorOf = ({ host, subset = '', port, percent }: DecidedDestination): string =>
  `outbound|${port}|${subset}|${host} ${percent === 100 ? 100 : percent * 10_000}`
