/**
 * What a review of 8.7 KB costs the guard, beside a fastify handler that only parses it, in one run: CPU time, reviews a second and latencies at
 * 10 connections, allowed, among other changes, judged for the first time and denied, over 100 and 50,000 VirtualServices, and while an audit runs;
 * and the CPU time until a guard over 20,000 is ready. Prints the ratios to aim at. The bundle in dist must be built.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { measureReviews, type Cost, type Measured } from './load.ts'
import type { RouteWeights } from '../large-cluster.ts'
import { differing, reviewOfSubset, reviewOfWeights } from './reviews.ts'
import { startBareHandler, startMeasuredGuard } from './servers.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 15)
const roundMs = 500
const warmUpMs = 8_000
const few = 100
const many = Number(process.env['BENCH_SERVICES'] ?? 50_000)
const audited = 10_000
const noAudit = 0

/** As many as there are namespaces times the changes of one that are under way. */
const several = 4_000
const namespaces = 200

const step: RouteWeights = { weights: [80, 20] }
const wrong: RouteWeights = { weights: [80, 10], others: [80, 20] }

/** Services that no other kind of review is about: the last judgement of each object is remembered. */
const servicesFrom = (first: number): readonly number[] => Array.from({ length: 40 }, (_, n) => first + n)
/** More than whose judgements are remembered. */
const neverJudged = Array.from({ length: several - 1_000 }, (_, n) => 1_000 + n)
/** The services of one namespace: what is admitted of each is under way for all others, as nothing is ever written. */
const ofNamespace = Array.from({ length: several / namespaces }, (_, n) => n * namespaces + namespaces - 1)
/** Its DestinationRule is under way for all others of these reviews. */
const ofOneHost = namespaces - 2

/** Bodies of reviews of as many services in each cluster, spread over all that it has, each in a namespace of its own. */
const bodies = (services: number, weights: RouteWeights): ((i: number) => Buffer) =>
  bodiesOf(
    Array.from({ length: few }, (_, n) => Math.floor((n * services) / few) + (services > few ? n : 0)),
    weights,
  )

function bodiesOf(services: readonly number[], weights: RouteWeights): (i: number) => Buffer {
  return inTurn(services.map(i => reviewOfWeights(i, weights)))
}

/** The same from one measurement to the next, so that each service comes again only after all others. */
function onward(services: readonly number[], weights: RouteWeights): () => Buffer {
  const bodyOf = bodiesOf(services, weights)
  let count = 0
  return () => bodyOf(count++)
}

function inTurn(made: readonly Buffer[]): (i: number) => Buffer {
  return i => made[i % made.length]!
}

const shift = bodies(few, step)

/** One kind of review: to whom it is sent. */
type Sent = readonly [server: Measured, bodyOf: (i: number) => Buffer]

const reviewsBy = (guard: Measured): Readonly<Record<string, Sent>> => ({
  allowed: [guard, bodiesOf(servicesFrom(0), step)],
  [`allowed, with ${ofNamespace.length - 1} changes of other hosts under way`]: [
    guard,
    bodiesOf(ofNamespace, step),
  ],
  'allowed, with a change of the same host under way': [
    guard,
    inTurn(
      Array.from({ length: 10 }, (_, n) =>
        n === 0 ? reviewOfSubset(ofOneHost) : reviewOfWeights(ofOneHost, step),
      ),
    ),
  ],
  'allowed, judged for the first time': [guard, differing(bodiesOf(servicesFrom(40), step))],
  'allowed, of an object that was never judged': [guard, differing(onward(neverJudged, step))],
  denied: [guard, bodiesOf(servicesFrom(80), wrong)],
  'denied, judged for the first time': [guard, differing(bodiesOf(servicesFrom(120), wrong))],
})

/** The median of each figure over all rounds. */
function medianOf(costs: readonly Cost[]): Cost {
  const middle = (figure: keyof Cost): number =>
    costs.map(cost => cost[figure]).toSorted((a, b) => a - b)[Math.floor(costs.length / 2)]!
  return {
    cpuMs: middle('cpuMs'),
    perSecond: middle('perSecond'),
    p50: middle('p50'),
    p99: middle('p99'),
    denied: middle('denied'),
  }
}

type Job = () => Promise<Cost>

/** Each job once in every round, so that the machine's moods hit all alike. */
async function compare(jobs: Readonly<Record<string, Job>>): Promise<ReadonlyMap<string, Cost>> {
  const costs = new Map(Object.keys(jobs).map(title => [title, [] as Cost[]]))
  for (let round = 0; round < rounds; round++)
    for (const [title, job] of Object.entries(jobs)) costs.get(title)!.push(await job())
  const found = new Map([...costs].map(([title, all]) => [title, medianOf(all)]))
  for (const [title, cost] of found) console.log(lineOf(title, cost))
  return found
}

const lineOf = (title: string, { cpuMs, perSecond, p50, p99 }: Cost): string =>
  `${cpuMs.toFixed(3)} ms CPU, ${perSecond.toFixed(0).padStart(5)} a second, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms   ${title}`

const ratio = (title: string, part: number, aim: number): void =>
  console.log(`${part.toFixed(2).padStart(6)} ×  ${title}; the aim is ${aim} ×`)

async function compareWithBare(): Promise<void> {
  await using guard = await startMeasuredGuard(several, noAudit)
  await using bare = await startBareHandler(guard.folder)
  const bareTitle = `bare handler, ${shift(0).length} bytes`
  const sent: Readonly<Record<string, Sent>> = { [bareTitle]: [bare, shift], ...reviewsBy(guard) }
  for (const [server, body] of Object.values(sent)) await measureReviews(server, body, warmUpMs)
  const found = await compare(
    Object.fromEntries(
      Object.entries(sent).map(([title, [server, body]]) => [
        title,
        () => measureReviews(server, body, roundMs),
      ]),
    ),
  )
  const bareMs = found.get(bareTitle)!.cpuMs
  for (const [title, { cpuMs, denied }] of found) {
    if (title === bareTitle) continue
    const isDenied = title.startsWith('denied')
    if (isDenied !== denied > 0) throw new Error(`the reviews were not judged as they should be: ${title}`)
    ratio(`CPU of a review that is ${title}, to the bare handler`, cpuMs / bareMs, isDenied ? 3 : 2)
  }
}

async function compareSizes(): Promise<void> {
  await using small = await startMeasuredGuard(few, noAudit)
  await using large = await startMeasuredGuard(many, noAudit)
  const wide = bodies(many, step)
  const sent: readonly (readonly [title: string, one: Sent, other: Sent])[] = [
    ['remembered', [small, shift], [large, wide]],
    ['judged for the first time', [small, differing(shift)], [large, differing(wide)]],
  ]
  for (const [title, one, other] of sent) {
    for (const [server, body] of [one, other]) await measureReviews(server, body, warmUpMs)
    const found = await compare({
      [`${title}, over ${few} VirtualServices`]: () => measureReviews(...one, roundMs),
      [`${title}, over ${many} VirtualServices`]: () => measureReviews(...other, roundMs),
    })
    const [few99, many99] = [...found.values()].map(({ p99 }) => p99) as [number, number]
    ratio(`p99 of reviews that are ${title}, over ${many} to over ${few}`, many99 / few99, 1.2)
  }
}

async function compareAudit(): Promise<void> {
  await using guard = await startMeasuredGuard(audited, 86_400)
  const wide = bodies(audited, { weights: [80, 20] })
  await measureReviews(guard, wide, warmUpMs)
  const during: Cost[] = []
  for (let round = 0; round < rounds && guard.isAuditing(); round++)
    during.push(await measureReviews(guard, wide, roundMs))
  while (guard.isAuditing()) await sleep(100)
  const without = await compare({
    'without an audit': () => measureReviews(guard, wide, roundMs),
  })
  console.log(lineOf('while an audit runs', medianOf(during)))
  const [{ p99 }] = [...without.values()] as [Cost]
  ratio('p99 while an audit runs to that without', medianOf(during).p99 / p99, 2)
}

async function readiness(): Promise<void> {
  await using guard = await startMeasuredGuard(20_000, noAudit)
  console.log(
    `${guard.readySeconds.toFixed(1)} s CPU until ready over 20,000 VirtualServices; the aim is 10 s`,
  )
}

const parts: Readonly<Record<string, () => Promise<void>>> = {
  bare: compareWithBare,
  sizes: compareSizes,
  audit: compareAudit,
  ready: readiness,
}
for (const part of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts)) await parts[part]!()
