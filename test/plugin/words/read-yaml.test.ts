import assert from 'node:assert/strict'
import test from 'node:test'
import { readYaml } from '../../../plugin/read-yaml.ts'

test('YAML is read as kubectl reads it, the rarer kinds too', async () => {
  assert.deepEqual(await readYaml('clusters:\n- name: a\n  cluster: {server: https://127.0.0.1:6443}\n'), {
    clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:6443' } }],
  })
  assert.deepEqual(await readYaml('a: &b {c: 1}\nd: *b\ne: >-\n  two\n  lines\n'), {
    a: { c: 1 },
    d: { c: 1 },
    e: 'two lines',
  })
  await assert.rejects(readYaml('a: [b'), /Flow sequence/)
})
