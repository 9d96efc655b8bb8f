/** A guard as a process of its own without an API server, which it outlives: what it says of reviews rests on `onError`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority } from '../../cluster/credentials.ts'
import { startProcess, type GuardProcess, type ProcessOptions } from '../cluster/guard-process.ts'
import { reviewOf, virtualService } from '../requests.ts'
import { post, type Posted } from '../admission/reviewers.ts'

export interface Alone extends AsyncDisposable {
  readonly guard: GuardProcess
  readonly folder: string
  readonly config: string
  /** Writes a certificate into the folder that is mounted. */
  readonly certify: () => Promise<void>
  /** Asks for a review, by a user with this name. */
  readonly review: (user?: string) => Promise<Posted>
}

/** A figure in the text for Prometheus, by its name and labels; 0 where there is none. */
export const metricIn = (text: string, name: string): number =>
  Number(new RegExp(`^canary_guard_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0)

/** Nobody listens there. */
const nowhere = 'http://127.0.0.1:1'

/** Starts one; without a certificate unless told otherwise. */
export async function alone({
  isCertified = true,
  ...options
}: Partial<ProcessOptions> & { readonly isCertified?: boolean } = {}): Promise<Alone> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-guard-alone-'))
  const [kubeconfig, config] = [join(folder, 'kubeconfig'), join(folder, 'config.yaml')]
  const authority = await createAuthority()
  const certify = async (): Promise<void> => {
    const { certificate, key } = await authority.server(['localhost', '127.0.0.1'])
    await writeFile(join(folder, 'tls.key'), key)
    await writeFile(join(folder, 'tls.crt'), certificate)
  }
  const named = { name: 'none' }
  await writeFile(
    kubeconfig,
    JSON.stringify({
      kind: 'Config',
      'current-context': 'none',
      contexts: [{ ...named, context: { cluster: 'none', user: 'none' } }],
      clusters: [{ ...named, cluster: { server: nowhere } }],
      users: [{ ...named, user: {} }],
    }),
  )
  await writeFile(config, 'onError: allow\n')
  if (isCertified) await certify()
  const guard = startProcess({ kubeconfig, certificateDir: folder, config, ...options })
  return {
    guard,
    folder,
    config,
    certify,
    review: async (username = 'jane') => {
      const review = reviewOf({ after: virtualService({ v1: 100 }), fields: { userInfo: { username } } })
      return post(await guard.port(), JSON.stringify(review), { ca: authority.certificate })
    },
    [Symbol.asyncDispose]: async () => {
      await guard[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
