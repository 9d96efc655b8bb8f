import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { KubectlFlags } from '../../../shared/live/connection/login/flags.ts'
import { readLogin } from '../../../shared/live/connection/login/read-login.ts'
import { ensureAssets } from '../../cluster/assets.ts'
import { orSkip } from '../../cluster/cluster-test.ts'
import { folderWith, kubeconfig, surroundings } from '../folder.ts'
import { asWritten } from './as-written.ts'

const files = {
  'a/config': {
    ...kubeconfig(
      { server: 'https://a', 'certificate-authority': 'ca' },
      { token: 'a' },
      { name: 'a', namespace: 'na' },
    ),
    'current-context': '',
  },
  'b/config': {
    ...kubeconfig(
      { server: 'https://b', 'tls-server-name': 'tb' },
      { 'client-certificate': 'c', 'client-key': 'k', as: 'x', 'as-groups': ['g'] },
      { name: 'b' },
    ),
    clusters: [
      { name: 'a', cluster: { server: 'https://other' } },
      { name: 'b', cluster: { server: 'https://b', 'tls-server-name': 'tb' } },
    ],
  },
  'c/config': kubeconfig({ server: 'https://c' }, {}, { name: 'c' }),
}
const orders = [
  ['a', 'b', 'c'],
  ['b', 'a'],
  ['none', 'c', 'b', 'a'],
  ['c', 'c', 'a'],
]

interface Seen {
  readonly cluster: object
  readonly user: object
  readonly namespace: string
}

/** What kubectl makes of the files; undefined where it finds no context. */
async function seenByKubectl(
  kubectl: string,
  { context }: KubectlFlags,
  env: Readonly<Record<string, string>>,
): Promise<Seen | undefined> {
  const { stdout } = await promisify(execFile)(
    kubectl,
    ['config', 'view', '--raw', '--minify', '-o', 'json', ...(context ? ['--context', context] : [])],
    { env },
  ).catch(() => ({ stdout: '' }))
  if (stdout === '') return undefined
  const view = JSON.parse(stdout) as {
    readonly clusters: readonly { readonly cluster: object }[]
    readonly users: readonly { readonly user: object }[]
    readonly contexts: readonly { readonly context: { readonly namespace?: string } }[]
  }
  return {
    cluster: view.clusters[0]!.cluster,
    user: view.users[0]!.user,
    namespace: view.contexts[0]!.context.namespace ?? 'default',
  }
}

/** What we make of them, with paths as they are written, as kubectl shows them; what they belong to is tested with the login. */
async function seenByUs(folder: string, flags: KubectlFlags, KUBECONFIG: string): Promise<Seen> {
  const login = await readLogin(flags, surroundings({ KUBECONFIG }))
  const { namespace } = login
  const written = JSON.stringify({ ...asWritten(login), namespace })
  return JSON.parse(written.replaceAll(new RegExp(`${folder}/[a-c]/`, 'g'), '')) as Seen
}

test('reads the same from several kubeconfig files as kubectl does', async context => {
  const assets = await orSkip(context, () => ensureAssets(['kubectl']))
  if (assets === undefined) return
  await using folder = await folderWith(files)
  for (const order of orders) {
    const KUBECONFIG = order.map(name => join(folder.path, name, 'config')).join(delimiter)
    for (const flags of [{}, { context: 'a' }]) {
      const theirs = await seenByKubectl(assets.kubectl, flags, { KUBECONFIG, HOME: folder.path })
      if (theirs === undefined) continue
      assert.deepEqual(
        await seenByUs(folder.path, flags, KUBECONFIG),
        theirs,
        `${order.join()} ${JSON.stringify(flags)}`,
      )
    }
  }
})
