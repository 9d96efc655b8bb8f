import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RequestOptions } from 'node:https'
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js'
import { tokenFileAuthenticator } from '../../../shared/live/corrections/token-file.ts'
import type { KubeUser } from '../../../shared/live/corrections/entries.ts'
import { folderWith } from '../folder.ts'

async function headerFor(user: Omit<KubeUser, 'name'>): Promise<unknown> {
  const options: RequestOptions = { headers: {} }
  await tokenFileAuthenticator({ name: '', ...user }).applyAuthentication({ name: '' }, options)
  return (options.headers as { readonly Authorization?: string }).Authorization
}

test('the token of the file is sent without the line break at its end', async () => {
  await using folder = await folderWith({ token: 'from-file\n' })
  assert.equal(await headerFor({ tokenFile: join(folder.path, 'token'), token: 'other' }), 'Bearer from-file')
})

test('the token beside the file is sent where the file is missing or empty', async () => {
  await using folder = await folderWith({ empty: '\n' })
  for (const file of ['empty', 'none'])
    assert.equal(await headerFor({ tokenFile: join(folder.path, file), token: 'other' }), 'Bearer other')
  await assert.rejects(
    headerFor({ tokenFile: join(folder.path, 'none') }),
    /the token file .*none of the kubeconfig is missing, unreadable or empty/,
  )
})

test('is needed as long as upstream sends the line break', async () => {
  await using folder = await folderWith({ token: 't\n' })
  const options = { headers: {} as { Authorization?: string } }
  const user = { name: '', authProvider: { config: { tokenFile: join(folder.path, 'token') } } }
  await new FileAuth().applyAuthentication(user, options)
  assert.equal(options.headers.Authorization, 'Bearer t\n')
})
