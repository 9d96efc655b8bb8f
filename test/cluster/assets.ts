/**
 * The programs of a real cluster: from KUBEBUILDER_ASSETS, else built once with Go from the pinned modules of tools/ into a cache
 * folder. As a command (`node test/cluster/assets.ts [name …]`) it builds ahead.
 */
import { createHash } from 'node:crypto'
import { execFile } from 'node:child_process'
import { access, constants, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { tools, type Tool, type ToolName } from './tools/tools.ts'

const run = promisify(execFile)
const progress = (line: string) => process.stderr.write(`${line}\n`)

/** Why the tests of a real cluster cannot run here, in one line that also says what would help. */
export class AssetsMissing extends Error {}

/** The absolute paths of the programs, built where they are missing; throws {@link AssetsMissing} where that is impossible. */
export async function ensureAssets<Name extends ToolName>(
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const paths: Partial<Record<Name, string>> = {}
  for (const name of names) paths[name] = (await givenAsset(name)) ?? (await built(name))
  return paths as Record<Name, string>
}

/** The folder that keeps what was made from one pinned module; another version has another folder. */
export async function cacheFolder(module: string): Promise<string> {
  const goMod = await readFile(join(moduleFolder(module), 'go.mod'))
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(cache, 'kubectl-canary', createHash('sha256').update(goMod).digest('hex').slice(0, 16))
}

/** Makes a file at most once, however many processes ask for it at the same time: `make` writes a draft that is then renamed. */
export async function madeOnce(path: string, make: (draft: string) => Promise<void>): Promise<string> {
  while (!(await isReadable(path))) {
    const unlock = await lock(`${path}.lock`)
    if (!unlock) {
      await sleep(500)
      continue
    }
    const draft = `${path}.${process.pid}.draft`
    try {
      if (await isReadable(path)) continue
      await make(draft)
      await rename(draft, path)
    } finally {
      await rm(draft, { force: true })
      await unlock()
    }
  }
  return path
}

/** Runs Go in a pinned module's folder and returns what it prints. */
export async function go(module: string, ...args: readonly string[]): Promise<string> {
  const environment = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' }
  try {
    return (
      await run('go', args, { cwd: moduleFolder(module), env: environment, maxBuffer: 64 * 1024 * 1024 })
    ).stdout
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new AssetsMissing(withoutGo(module))
    const said = String((error as { stderr?: string }).stderr)
      .trim()
      .slice(-2000)
      .replace(/\s+/g, ' ')
    throw new AssetsMissing(`go ${args[0]} failed in test/cluster/tools/${module}: ${said}`)
  }
}

function withoutGo(module: string): string {
  const install = 'install Go (https://go.dev/dl/; the first build takes about 8 minutes)'
  const fetch =
    ', or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl, and install Go for the rest'
  return `no API server for the tests: ${module} comes from a Go module and there is no Go: ${install}${['kubernetes', 'etcd'].includes(module) ? fetch : ''}`
}

const moduleFolder = (module: string) => join(import.meta.dirname, 'tools', module)

const isReadable = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/** The path of a program in the folder that KUBEBUILDER_ASSETS names; nothing where that has none. */
export async function givenAsset(name: ToolName): Promise<string | undefined> {
  const folder = process.env['KUBEBUILDER_ASSETS']
  if (!folder) return undefined
  const path = join(folder, name)
  return access(path, constants.X_OK).then(
    () => path,
    () => undefined,
  )
}

async function built(name: ToolName): Promise<string> {
  const { module, source, linkerFlags, tags = '' }: Tool = tools[name]
  const folder = await cacheFolder(module)
  await mkdir(folder, { recursive: true })
  return madeOnce(join(folder, `${name}${await versionOf(module, source)}`), async draft => {
    await go(module, 'version')
    progress(
      `building ${name} from test/cluster/tools/${module} (once; all of a first build takes about 8 minutes on 2 cores)`,
    )
    await go(
      module,
      'build',
      '-trimpath',
      '-buildvcs=false',
      `-tags=${tags}`,
      '-ldflags',
      `-s -w ${linkerFlags}`,
      '-o',
      draft,
      source,
    )
  })
}

/** What tells apart the programs of one module whose source is ours; nothing for one that is all the module's. */
async function versionOf(module: string, source: string): Promise<string> {
  if (!source.startsWith('./')) return ''
  const folder = join(moduleFolder(module), source)
  const hash = createHash('sha256')
  for (const file of (await readdir(folder)).toSorted()) hash.update(await readFile(join(folder, file)))
  return `-${hash.digest('hex').slice(0, 16)}`
}

/** Takes the lock file, or returns nothing while another living process holds it. A dead holder's lock is cleared for the next try. */
async function lock(path: string): Promise<(() => Promise<void>) | undefined> {
  const mine = `${path}.${process.pid}`
  await writeFile(mine, String(process.pid))
  try {
    await link(mine, path)
    return () => rm(path, { force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const holder = Number(await readFile(path, 'utf8').catch(() => ''))
    if (holder && !isAlive(holder)) await rm(path, { force: true })
    return undefined
  } finally {
    await rm(mine, { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

if (import.meta.main) {
  const names = process.argv.slice(2)
  const wanted =
    names.length > 0
      ? names.filter((name): name is ToolName => Object.hasOwn(tools, name))
      : (Object.keys(tools) as ToolName[])
  for (const path of Object.values(await ensureAssets(wanted))) process.stdout.write(`${path}\n`)
}
