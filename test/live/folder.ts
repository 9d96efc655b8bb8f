import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { parse } from 'yaml'
import type { Surroundings } from '../../shared/live/connection/login/login.ts'

/** A temporary folder with these files; objects are written as JSON, which is YAML too. */
export async function folderWith(
  files: Readonly<Record<string, unknown>>,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'canary-live-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), typeof content === 'string' ? content : JSON.stringify(content), {
      mode: 0o755,
    })
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A kubeconfig with one context, cluster and user of one name. */
export const kubeconfig = (
  cluster: object,
  user: object = {},
  { name = 'test', namespace }: { readonly name?: string; readonly namespace?: string } = {},
): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': name,
  clusters: [{ name, cluster }],
  users: [{ name, user }],
  contexts: [{ name, context: { cluster: name, user: name, ...(namespace !== undefined && { namespace }) } }],
})

/** No environment but what is given. */
export const surroundings = (
  env: Readonly<Record<string, string>> = {},
  more: Partial<Surroundings> = {},
): Surroundings => ({
  env,
  parseYaml: text => parse(text) as unknown,
  serviceAccountFolder: '/nonexistent',
  ...more,
})

export const base64 = (text: string): string => Buffer.from(text).toString('base64')
