/** Plays the main job on a copy of examples/catalog with the built program, and fails where it does not say what it should. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { steps, type Slip, type Step } from './steps.ts'

const root = join(import.meta.dirname, '../..')
const isTerminal = process.stdout.isTTY
const bold = (text: string): string => (isTerminal ? `\u001b[1m${text}\u001b[22m` : text)
const dim = (text: string): string => (isTerminal ? `\u001b[2m${text}\u001b[22m` : text)

const folder = mkdtempSync(join(tmpdir(), 'canary-demo-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
cpSync(join(root, 'examples/catalog'), join(folder, 'catalog'), { recursive: true })

console.log(dim('A folder of manifests, examples/catalog copied to catalog/. No cluster, no kubeconfig.\n'))
const wrong = steps.flatMap(play)
for (const line of wrong) console.error(`error: ${line}`)
console.log(wrong.length === 0 ? dim(`All ${steps.length} commands said what they should.`) : '')
process.exitCode = wrong.length === 0 ? 0 : 1

function play({ why, slip, words, exit, says, never = [] }: Step): readonly string[] {
  console.log(dim(`# ${why}`))
  if (slip !== undefined) edit(slip)
  console.log(bold(`$ kubectl canary ${words}`))
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'dist/kubectl-canary.js'), ...argvOf(words)],
    { cwd: folder, encoding: 'utf8' },
  )
  const output = stdout + stderr
  process.stdout.write(output)
  console.log(status === 0 ? '' : `${dim(`(exit ${status})`)}\n`)
  return [
    ...(status === exit ? [] : [`"${words}" ended with ${status}, not ${exit}`]),
    ...says.filter(expected => !expected.test(output)).map(expected => `"${words}" did not say ${expected}`),
    ...never.filter(unexpected => unexpected.test(output)).map(unexpected => `"${words}" said ${unexpected}`),
  ]
}

function edit({ file, from, to }: Slip): void {
  console.log(bold(`$ sed -i 's/${from}/${to}/' ${file}`))
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no "${from}"`)
  writeFileSync(path, text.replaceAll(from, to))
}

/** Words as a shell splits them, quotes taken off. */
function argvOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
