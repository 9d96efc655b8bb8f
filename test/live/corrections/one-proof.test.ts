import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bufferFromFileOrString } from '@kubernetes/client-node/dist/config.js'
import { withOneProof, withoutFilesBesideData } from '../../../shared/live/corrections/one-proof.ts'
import { base64 } from '../folder.ts'

const exec = { command: 'login' }

test('a program or provider is asked only where the user has nothing of its own', () => {
  assert.equal(withOneProof({ name: 'u', exec }).exec, exec)
  for (const own of [
    { token: 't' },
    { tokenFile: 'f' },
    { certFile: 'c' },
    { certData: 'c' },
    { username: 'ann', password: 'p' },
  ]) {
    const { exec: program, authProvider } = withOneProof({ name: 'u', exec, ...own })
    assert.deepEqual([program, authProvider], [undefined, undefined], JSON.stringify(own))
  }
})

test('two of what kubectl takes one of are refused', () => {
  assert.throws(() => withOneProof({ name: 'u', token: 't', username: 'ann' }), /a token and a password/)
  assert.throws(
    () => withOneProof({ name: 'u', exec, authProvider: { name: 'oidc' } }),
    /an exec section and an auth-provider/,
  )
})

test('a user name without a password has an empty one', () => {
  assert.equal(withOneProof({ name: 'u', username: 'ann' }).password, '')
})

test('data wins over a file beside it, which upstream prefers', () => {
  const { certFile, certData, keyFile, keyData } = withoutFilesBesideData({
    name: 'u',
    certFile: 'c',
    certData: 'C',
    keyFile: 'k',
  })
  assert.deepEqual([certFile, certData, keyFile, keyData], [undefined, 'C', 'k', undefined])
  assert.notEqual(String(bufferFromFileOrString(import.meta.filename, base64('data'))), 'data')
})
