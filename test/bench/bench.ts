/** How long whole commands take, one run of each after the other so that the machine's moods hit all alike: minimum, median, maximum. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { startSandbox } from './bench-cluster.ts'

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

const canary = [process.execPath, join(root, 'dist/kubectl-canary.js')]
const onFiles: readonly BenchCase[] = [
  { title: 'node -e 0', command: [process.execPath, '-e', '0'] },
  { title: 'kubectl-canary --help', command: [...canary, '--help'] },
  {
    title: 'kubectl-canary cohort internal --to v2 -f examples/catalog --dry-run=client',
    command: [...canary, 'cohort', 'internal', '--to', 'v2', '-f', 'examples/catalog', '--dry-run=client'],
  },
  {
    title: 'kubectl-canary weight v2=10 --service catalog -n shop -f examples/forty-routes --dry-run=client',
    command: [
      ...canary,
      'weight',
      'v2=10',
      '--service',
      'catalog',
      '-n',
      'shop',
      '-f',
      'examples/forty-routes',
      '--dry-run=client',
    ],
  },
  {
    title: 'kubectl-canary status -f examples/catalog',
    command: [...canary, 'status', '-f', 'examples/catalog'],
  },
]

function liveCases({
  kubeconfig,
  kubectl,
  namespace,
}: {
  readonly kubeconfig: string
  readonly kubectl: string
  readonly namespace: string
}): readonly BenchCase[] {
  const env = { KUBECONFIG: kubeconfig, PATH: [folder, process.env['PATH'] ?? ''].join(delimiter) }
  return [
    {
      title: 'kubectl get virtualservices',
      command: [kubectl, 'get', 'virtualservices', '-n', namespace],
      env,
    },
    {
      title: 'kubectl get virtualservices,destinationrules',
      command: [kubectl, 'get', 'virtualservices,destinationrules', '-n', namespace],
      env,
    },
    { title: 'kubectl-canary status', command: [...canary, 'status', '-n', namespace], env },
    { title: 'kubectl canary status', command: [kubectl, 'canary', 'status', '-n', namespace], env },
  ]
}

function time({ command: [file = '', ...words], env, title }: BenchCase): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(file, words, {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  const took = performance.now() - start
  if (status !== 0) throw new Error(`${title} ended with ${status}: ${stderr}`)
  return took
}

/** One run of each in turn, the first round not counted: it fills caches. */
function measure(cases: readonly BenchCase[]): void {
  const times = cases.map((): number[] => [])
  for (let round = 0; round <= runs; round++)
    for (const [i, one] of cases.entries()) {
      const took = time(one)
      if (round > 0) times[i]!.push(took)
    }
  for (const [i, { title }] of cases.entries()) {
    const sorted = times[i]!.toSorted((a, b) => a - b)
    const [least, median, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!].map(
      ms => ms.toFixed(0).padStart(5),
    )
    console.log(`${least} ${median} ${most}   ${title}`)
  }
}

console.log(`  min   med   max   milliseconds, ${runs} runs each`)
measure(onFiles)
await using sandbox = await startSandbox(folder)
if (sandbox !== undefined) measure([onFiles[0]!, ...liveCases(sandbox)])
