import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../../properties.ts'
import { execFailure } from '../../../shared/live/corrections/exec/exec-output.ts'

const exec = { command: 'login', apiVersion: 'client.authentication.k8s.io/v1' }
const said = (stdout: string): string | undefined =>
  execFailure(exec, { stdout, code: 0, signal: null })?.message
const printed = (status: unknown, more: object = {}): string =>
  JSON.stringify({ kind: 'ExecCredential', apiVersion: exec.apiVersion, status, ...more })

test('a token, a certificate with its key, and both are credentials', () => {
  for (const status of [
    { token: 't' },
    { clientCertificateData: 'c', clientKeyData: 'k' },
    { token: 't', clientCertificateData: 'c', clientKeyData: 'k' },
  ])
    assert.equal(said(printed(status)), undefined)
})

test('what is no credential is said to be none', () => {
  assert.match(said('hello') ?? '', /did not print an ExecCredential/)
  assert.match(said(printed({ token: 't' }, { kind: 'Secret' })) ?? '', /returned .* Secret, but .* expects/)
  assert.match(said(printed({})) ?? '', /neither a token nor a certificate/)
  assert.match(said(printed({ clientKeyData: 'k' })) ?? '', /only one of certificate and key/)
})

test('a program that ended badly is said to have failed, whatever it printed', () => {
  const ended = (run: object): string | undefined =>
    execFailure(exec, { stdout: printed({ token: 't' }), code: 0, signal: null, ...run })?.message
  assert.match(ended({ code: 3 }) ?? '', /failed with exit code 3/)
  assert.match(ended({ code: null, signal: 'SIGKILL' }) ?? '', /failed with SIGKILL/)
  assert.match(ended({ error: Object.assign(new Error('x'), { code: 'ENOENT' }) }) ?? '', /does not exist/)
})

test('no output throws', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), text => void said(text)))
})
