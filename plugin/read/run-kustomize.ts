import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'

/** What a build gave. */
export interface KustomizeBuild {
  /** The objects as YAML, each with the annotation `config.kubernetes.io/origin`. */
  readonly text: string
  /** The folder that the paths of the origins are relative to. */
  readonly base: string
}

type Env = Readonly<Record<string, string | undefined>>

/** The programs that build a kustomization, in the order in which they are tried. */
const programs = [
  { file: 'kubectl', argument: 'kustomize' },
  { file: 'kustomize', argument: 'build' },
] as const

/** A build may fetch nothing and run no plugin, so half a minute is more than it needs. */
const longest = 30_000

/**
 * Builds a kustomization with kubectl or kustomize, as `kubectl kustomize` does. It is built by way of another
 * one that asks for the origin of each object, outside the folders of the person. Throws an Error with one
 * line that says why it cannot be built.
 */
export async function runKustomize(folder: string, env: Env): Promise<KustomizeBuild> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'kubectl-canary-')))
  try {
    const resource = relative(base, realpathSync(resolve(folder)))
      .split(sep)
      .join('/')
    writeFileSync(
      join(base, 'kustomization.yaml'),
      `resources: [${JSON.stringify(resource)}]\nbuildMetadata: [originAnnotations]\n`,
    )
    for (const { file, argument } of programs) {
      const text = await outputOf(file, [argument, base], env)
      if (text !== undefined) return { text, base }
    }
    throw new Error('neither kubectl nor kustomize was found in the PATH')
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

/** What a program prints; undefined where there is no such program. */
function outputOf(file: string, args: readonly string[], env: Env): Promise<string | undefined> {
  return new Promise((done, failed) => {
    const child = spawn(file, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: longest })
    const [out, complaints]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (part: Buffer) => out.push(part))
    child.stderr.on('data', (part: Buffer) => complaints.push(part))
    child.on('error', error =>
      'code' in error && error.code === 'ENOENT' ? done(undefined) : failed(new Error(error.message)),
    )
    child.on('close', (code, signal) => {
      if (code === 0) return done(Buffer.concat(out).toString('utf8'))
      const said = Buffer.concat(complaints).toString('utf8').trim()
      failed(
        new Error(
          signal === null
            ? reasonIn(said, args[1]!)
            : `${file} ${args[0]} took longer than ${longest / 1000} s`,
        ),
      )
    })
  })
}

/**
 * The last, innermost reason in what kustomize complains of, without the folder that the build went through.
 * Its messages quote YAML over several lines, and kubectl writes some of them as log lines of klog.
 */
function reasonIn(said: string, base: string): string {
  const line = said.split('\n').findLast(text => /\w{2}/.test(text)) ?? 'it failed without a message'
  const logged = /^[EF]\d{4} .* err="(.*)"$/.exec(line)?.[1]?.replaceAll(/\\(["\\])/g, '$1')
  return (logged ?? line).replace(/^[\s`':,]*(error: )?/, '').replaceAll(base, '.')
}
