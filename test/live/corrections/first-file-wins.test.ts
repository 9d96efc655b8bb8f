import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { firstFileWins } from '../../../shared/live/corrections/first-file-wins.ts'
import { kubeconfig } from '../folder.ts'

const configOf = (name: string, server: string): KubeConfig => {
  const config = new KubeConfig()
  config.loadFromString(JSON.stringify(kubeconfig({ server }, {}, { name })))
  return config
}

test('the first file to name a context, a cluster or a user wins', () => {
  const merged = firstFileWins([
    configOf('a', 'https://first'),
    configOf('a', 'https://second'),
    configOf('b', 'https://b'),
  ])
  assert.equal(merged.currentContext, 'a')
  assert.deepEqual(
    merged.clusters.map(({ name, server }) => [name, server]),
    [
      ['a', 'https://first'],
      ['b', 'https://b'],
    ],
  )
  assert.deepEqual([merged.users.length, merged.contexts.length], [2, 2])
})

test('without any file there is no current context', () => {
  assert.deepEqual([firstFileWins([]).currentContext, firstFileWins([]).clusters], ['', []])
})

test('is needed as long as upstream takes the last current context and refuses a name that occurs twice', () => {
  const last = configOf('a', 'https://a')
  last.mergeConfig(configOf('b', 'https://b'))
  assert.equal(last.currentContext, 'b')
  assert.throws(() => last.mergeConfig(configOf('a', 'https://again')), /Duplicate/)
})
