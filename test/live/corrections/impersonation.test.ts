import assert from 'node:assert/strict'
import { test } from 'node:test'
import { impersonation } from '../../../shared/live/corrections/impersonation.ts'

test('groups, uid and extras go with the user', () => {
  assert.deepEqual(
    impersonation({
      name: '',
      impersonateUser: 'ann',
      impersonateUid: '7',
      impersonateGroups: ['dev', 'ops'],
      impersonateExtra: { 'acme.com/Scope': ['a', 'b'] },
    }),
    {
      'impersonate-user': 'ann',
      'impersonate-uid': '7',
      'impersonate-group': ['dev', 'ops'],
      'impersonate-extra-acme.com%2fscope': ['a', 'b'],
    },
  )
})

test('nobody is impersonated by groups alone', () => {
  assert.deepEqual(impersonation({ name: '', impersonateGroups: ['dev'] }), {})
})
