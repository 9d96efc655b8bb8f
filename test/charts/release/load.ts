/** Writes that go on while the guard comes, changes and goes: of everything that it judges, sound ones and such as must be refused. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../../cluster/cluster.ts'

/** What became of the writes. */
export interface LoadResult {
  readonly sound: number
  readonly wrong: number
  /** Sound writes that did not get through, and wrong ones that failed otherwise than by being refused. */
  readonly failures: readonly string[]
  /** Wrong writes that got through while they were to be refused. */
  readonly admitted: readonly string[]
}

export interface Load extends AsyncDisposable {
  /** From now on it is no matter whether wrong writes are refused; they must not fail in another way. */
  refusalsMayEnd(): void
  stop(): Promise<LoadResult>
}

interface Write {
  readonly what: string
  readonly path: string
  readonly method?: string
  readonly body?: object
}

const deployment = (version: string): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: `catalog-${version}` },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'catalog', version } },
    template: {
      metadata: { labels: { app: 'catalog', version } },
      spec: { containers: [{ name: 'catalog', image: 'catalog' }] },
    },
  },
})
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'catalog' },
  spec: { selector: { app: 'catalog' }, ports: [{ name: 'http', port: 80 }] },
}
const destinationRule = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'catalog' },
  spec: { host: 'catalog', subsets: ['v1', 'v2'].map(version => ({ name: version, labels: { version } })) },
}
const split = (v1: number, v2: number): object => ({
  hosts: ['catalog'],
  http: [
    {
      route: [
        ['v1', v1],
        ['v2', v2],
      ].map(([subset, weight]) => ({ destination: { host: 'catalog', subset }, weight })),
    },
  ],
})
const virtualService = (name: string, v1: number, v2: number): object => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name },
  spec: split(v1, v2),
})

/** Where the objects of one namespace are written. */
type Paths = Readonly<Record<'core' | 'apps' | 'istio', string>>

/** Writes into a new namespace with a routed service, of which no version runs, until stopped. */
export async function startLoad(cluster: Cluster): Promise<Load> {
  const namespace = await cluster.namespace()
  const [core, apps, istio] = ['/api/v1', '/apis/apps/v1', '/apis/networking.istio.io/v1'].map(
    group => `${group}/namespaces/${namespace}`,
  )
  const paths: Paths = { core: core!, apps: apps!, istio: istio! }
  await cluster.apply(
    [service, deployment('v1'), deployment('v2'), destinationRule, virtualService('catalog', 90, 10)]
      .map(object => JSON.stringify(object))
      .join('\n---\n'),
    { namespace },
  )
  return run(cluster, i => soundWrites(paths, i), wrongWrites(paths))
}

/** Each round differs from the one before, or the API server would not ask. */
const soundWrites = ({ core, apps, istio }: Paths, i: number): readonly Write[] => [
  {
    what: 'a new VirtualService',
    method: 'POST',
    path: `${istio}/virtualservices?dryRun=All`,
    body: virtualService(`catalog-${i}`, 50, 50),
  },
  {
    what: 'other weights',
    path: `${istio}/virtualservices/catalog`,
    body: { spec: split(90 - (i % 50), 10 + (i % 50)) },
  },
  {
    what: 'another subset',
    path: `${istio}/destinationrules/catalog`,
    body: {
      spec: { subsets: [...destinationRule.spec.subsets, { name: `x${i}`, labels: { version: 'v2' } }] },
    },
  },
  {
    what: 'another port',
    path: `${core}/services/catalog`,
    body: { spec: { ports: [...service.spec.ports, { name: 'http-more', port: 1000 + (i % 1000) }] } },
  },
  {
    what: 'another selector',
    path: `${core}/services/catalog?dryRun=All`,
    body: { spec: { selector: { app: 'catalog', round: i % 2 === 0 ? 'even' : null } } },
  },
  {
    what: 'another label',
    path: `${apps}/deployments/catalog-v1`,
    body: { spec: { template: { metadata: { labels: { round: `r${i}` } } } } },
  },
  { what: 'a VirtualService less', method: 'DELETE', path: `${istio}/virtualservices/catalog?dryRun=All` },
]

const wrongWrites = ({ core, istio }: Paths): readonly Write[] => [
  {
    what: 'weights of 110',
    method: 'POST',
    path: `${istio}/virtualservices?dryRun=All`,
    body: virtualService('wrong', 100, 10),
  },
  {
    what: 'a port that is no longer HTTP',
    path: `${core}/services/catalog?dryRun=All`,
    body: { spec: { ports: [{ name: 'tcp-web', port: 80 }] } },
  },
]

/** Gives a function that writes, and says what came of it and when. */
function senderTo(
  cluster: Cluster,
): (write: Write) => Promise<{ readonly status: number; readonly text: string }> {
  const begun = Date.now()
  return async ({ what, path, method = 'PATCH', body }) => {
    const answer = await cluster.request(path, {
      method,
      ...(body && { body }),
      contentType: method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    })
    const { message } = answer.body as { readonly message?: unknown }
    const text = `${what}, after ${Date.now() - begun} ms: ${answer.status} ${String(message)}`
    return { status: answer.status, text }
  }
}

async function run(
  cluster: Cluster,
  soundOf: (i: number) => readonly Write[],
  wrongOnes: readonly Write[],
): Promise<Load> {
  let [isOver, isRefusing, sound, wrong] = [false, true, 0, 0]
  const [failures, admitted]: [string[], string[]] = [[], []]
  const send = senderTo(cluster)
  const writeSound = async (): Promise<void> => {
    for (let i = 0; !isOver; i++) {
      for (const write of soundOf(i)) {
        const { status, text } = await send(write)
        sound++
        if (status >= 300) failures.push(text)
        await sleep(30)
      }
    }
  }
  const writeWrong = async (): Promise<void> => {
    while (!isOver) {
      for (const write of wrongOnes) {
        const isToBeRefused = isRefusing
        const { status, text } = await send(write)
        wrong++
        if (status >= 300 && !/denied the request/.test(text)) failures.push(text)
        else if (status < 300 && isToBeRefused && isRefusing) admitted.push(text)
        await sleep(60)
      }
    }
  }
  const running = Promise.all([writeSound(), writeWrong()])
  const stop = async (): Promise<LoadResult> => {
    isOver = true
    await running
    return { sound, wrong, failures, admitted }
  }
  return {
    refusalsMayEnd: () => {
      isRefusing = false
    },
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}
