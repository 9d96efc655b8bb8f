import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')

const configurations = [
  'package.json',
  'tsconfig.json',
  '.oxlintrc.json',
  '.dependency-cruiser.cjs',
  'test/checks/outer-rules.cjs',
  'test/checks/plugin-rules.cjs',
  'test/checks/shared-rules.cjs',
  '.prettierrc.json',
  '.prettierignore',
]

/** How a tool ended. */
export interface ToolResult {
  readonly code: number
  readonly output: string
}

/** A small repository with our configuration and the given files, gone when it is disposed of. */
export async function plant(files: Readonly<Record<string, string>>): Promise<
  AsyncDisposable & {
    readonly folder: string
    run(tool: string, ...words: readonly string[]): Promise<ToolResult>
  }
> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-checks-'))
  for (const name of configurations) await cp(join(root, name), join(folder, name))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return {
    folder,
    run: (tool, ...words) => runTool(join(root, 'node_modules/.bin', tool), words, folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

function runTool(file: string, words: readonly string[], cwd: string): Promise<ToolResult> {
  return new Promise(resolve => {
    execFile(
      file,
      [...words],
      { cwd, maxBuffer: 1e8, env: { ...process.env, NO_COLOR: '1' } },
      (error, stdout, stderr) =>
        resolve({
          code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1,
          output: stdout + stderr,
        }),
    )
  })
}
