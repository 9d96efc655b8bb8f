import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { withAbsolutePaths } from '../../../shared/live/corrections/relative-paths.ts'

test('a token file and a program with a slash belong to the folder of their file', () => {
  const { tokenFile, exec } = withAbsolutePaths(
    { name: 'u', tokenFile: 'sub/token', exec: { command: './login' } },
    '/home/ann',
  )
  assert.deepEqual([tokenFile, exec?.command], ['/home/ann/sub/token', '/home/ann/login'])
})

test('a program without a slash is looked up on the PATH, and absolute paths stay', () => {
  const { tokenFile, exec } = withAbsolutePaths(
    { name: 'u', tokenFile: '/t', exec: { command: 'login' } },
    '/home/ann',
  )
  assert.deepEqual([tokenFile, exec?.command], ['/t', 'login'])
})

test('is needed as long as upstream leaves programs to the folder of the process', () => {
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'c', server: 'https://a', skipTLSVerify: false },
    { name: 'u', exec: { command: './login' } },
  )
  config.makePathsAbsolute('/home/ann')
  assert.deepEqual(config.getCurrentUser()?.exec, { command: './login' })
})
