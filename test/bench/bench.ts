/**
 * How long whole commands take, one run of each after the other so that the machine's moods hit all alike: minimum, median, maximum, and
 * the ratio of the medians to that of the first command of each table. `BENCH_RUNS` is the number of runs, `BENCH_JSON` a file for the figures.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform, release, tmpdir, totalmem } from 'node:os'
import { delimiter, join } from 'node:path'
import { buildExecutables } from '../build/executables/build-executables.ts'
import { hostPlatform } from '../build/executables/platforms.ts'
import { ensureAssets } from '../cluster/assets.ts'
import { startSandbox } from './bench-cluster.ts'
import { writeManifests } from './manifests/write-manifests.ts'

const root = join(import.meta.dirname, '../..')
const runs = Number(process.env['BENCH_RUNS'] ?? 15)
const folder = mkdtempSync(join(tmpdir(), 'canary-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true })

interface BenchCase {
  readonly title: string
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Milliseconds. */
interface BenchFigures {
  readonly title: string
  readonly min: number
  readonly median: number
  readonly max: number
  /** To the median of the first command of its table. */
  readonly ratio: number
}

const node = process.execPath
const script = join(root, 'dist/kubectl-canary.js')
const host = hostPlatform()
const executables =
  host === undefined ? [] : await buildExecutables(join(folder, 'executables'), [host], 'anew')
/** The program as npm installs it, and the executable where there is one for this machine. */
const programs: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['kubectl-canary', [node, script]],
  ...executables.map(({ path }) => ['kubectl-canary (executable)', [path]] as const),
]
const ofPrograms = (words: string, env?: BenchCase['env']): readonly BenchCase[] =>
  programs.map(([name, command]) => ({
    title: `${name} ${words}`,
    command: [...command, ...words.split(' ')],
    ...(env && { env }),
  }))

const onFiles = (kubectl: string): readonly BenchCase[] => [
  { title: 'node -e 0', command: [node, '-e', '0'] },
  { title: 'kubectl version --client', command: [kubectl, 'version', '--client'] },
  ...ofPrograms('--help'),
  ...ofPrograms('cohort internal --to v2 -f examples/catalog --dry-run=client'),
  ...ofPrograms('weight v2=10 --service catalog -n shop -f examples/forty-routes --dry-run=client'),
  ...ofPrograms('status -f examples/catalog'),
]

interface LiveBench {
  readonly kubeconfig: string
  readonly kubectl: string
  readonly namespace: string
}

function liveCases({ kubeconfig, kubectl, namespace }: LiveBench): readonly BenchCase[] {
  const env = { KUBECONFIG: kubeconfig, PATH: [folder, process.env['PATH'] ?? ''].join(delimiter) }
  const get = ['get', 'virtualservices,destinationrules', '-n', namespace]
  return [
    { title: 'kubectl get virtualservices,destinationrules', command: [kubectl, ...get], env },
    ...ofPrograms(`status -n ${namespace}`, env),
    { title: 'kubectl canary status', command: [kubectl, 'canary', 'status', '-n', namespace], env },
  ]
}

function time({ command: [file = '', ...words], env, title }: BenchCase): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(file, words, {
    cwd: folder,
    env: { ...process.env, ...env, XDG_CACHE_HOME: join(folder, 'cache') },
    encoding: 'utf8',
  })
  const took = performance.now() - start
  if (status !== 0) throw new Error(`${title} ended with ${status}: ${stderr}`)
  return took
}

/** One run of each in turn, the first three rounds not counted: they fill caches. */
function measure(cases: readonly BenchCase[], rounds = runs): readonly BenchFigures[] {
  const times = cases.map((): number[] => [])
  for (let round = -2; round <= rounds; round++)
    for (const [i, one] of cases.entries()) {
      const took = time(one)
      if (round > 0) times[i]!.push(took)
    }
  const sorted = times.map(all => all.toSorted((a, b) => a - b))
  const medianOf = (all: readonly number[]): number => all[Math.floor(all.length / 2)]!
  const base = medianOf(sorted[0]!)
  return cases.map(({ title }, i) => {
    const all = sorted[i]!
    return { title, min: all[0]!, median: medianOf(all), max: all.at(-1)!, ratio: medianOf(all) / base }
  })
}

function print(figures: readonly BenchFigures[]): void {
  console.log('   min   med   max   ratio   milliseconds')
  for (const { title, min, median, max, ratio } of figures) {
    const columns = [min, median, max].map(ms => ms.toFixed(0).padStart(6)).join('')
    console.log(`${columns}   ${ratio.toFixed(2).padStart(5)}   ${title}`)
  }
}

/** `lint` of some folders, with the most memory that it had, in MiB. */
function lintFolders(): readonly { readonly objects: number; readonly ms: number; readonly mib: number }[] {
  return [500, 1000, 2000].map(services => {
    const path = join(folder, `lint-${services}`)
    const objects = writeManifests(path, services)
    const report = "process.on('exit', () => console.error('\\nMiB', process.resourceUsage().maxRSS / 1024))"
    const env = {
      ...process.env,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(report)}`,
    }
    const start = performance.now()
    const { stderr } = spawnSync(node, [script, 'lint', '-f', path], { encoding: 'utf8', env })
    return { objects, ms: performance.now() - start, mib: Number(/^MiB (.*)$/m.exec(stderr)?.[1]) }
  })
}

const bytesIn = (path: string): number =>
  readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0)

const { kubectl } = await ensureAssets(['kubectl'])
const machine = {
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()} ${arch()}`,
  node: process.version,
  bundleBytes: bytesIn(join(root, 'dist/canary')),
  runs,
}
console.log(
  `${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, ${runs} runs each; the bundle has ${machine.bundleBytes} bytes`,
)
const files = measure(onFiles(kubectl))
print(files)
await using sandbox = await startSandbox(folder)
const live = sandbox === undefined ? [] : measure(liveCases(sandbox))
if (live.length > 0) print(live)
const lint = lintFolders()
for (const { objects, ms, mib } of lint)
  console.log(`lint -f of ${objects} objects: ${(ms / 1000).toFixed(2)} s, ${mib.toFixed(0)} MiB`)
const report = process.env['BENCH_JSON']
if (report !== undefined)
  writeFileSync(report, `${JSON.stringify({ machine, files, live, lint }, undefined, 2)}\n`)
