import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { KindIn } from '../../../shared/rules/rule.ts'
import { accessBy, type Post, type Requesting } from '../../../webhook/cache/access.ts'

const jane: Requesting = {
  user: 'jane',
  groups: ['people'],
  userUid: 'u1',
  userExtra: { scopes: ['a', 'b'] },
}
const rules: KindIn = { kind: 'DestinationRule', namespace: 'bank' }
const never = new AbortController().signal

function asking(answer: () => { readonly status: number; readonly text: string } | Promise<never>) {
  const sent: unknown[] = []
  const clock = { now: 0 }
  const post: Post = async ({ path, body }) => {
    sent.push([path, JSON.parse(body)])
    return answer()
  }
  return { sent, clock, mayRead: accessBy(post, () => clock.now) }
}
const saying = (allowed: unknown) => () => ({ status: 201, text: JSON.stringify({ status: { allowed } }) })

it('what a user may read is asked by a SubjectAccessReview with all that is known of the user', async () => {
  const { sent, mayRead } = asking(saying(true))
  assert.equal(await mayRead(jane, rules, never), true)
  assert.equal(await mayRead(jane, { kind: 'Namespace', namespace: 'bank' }, never), true)
  const user = { user: 'jane', groups: ['people'], uid: 'u1', extra: { scopes: ['a', 'b'] } }
  assert.deepEqual(
    sent.map(each => (each as [string, { readonly spec: object }])[1].spec),
    [
      {
        ...user,
        resourceAttributes: {
          verb: 'get',
          group: 'networking.istio.io',
          resource: 'destinationrules',
          namespace: 'bank',
        },
      },
      {
        ...user,
        resourceAttributes: {
          verb: 'get',
          group: '',
          resource: 'namespaces',
          namespace: 'bank',
          name: 'bank',
        },
      },
    ],
  )
  assert.equal((sent[0] as [string])[0], '/apis/authorization.k8s.io/v1/subjectaccessreviews')
})
it('what a user may read is remembered for at most 30 seconds, for this user, these groups and this kind and namespace alone', async () => {
  const { sent, clock, mayRead } = asking(saying(true))
  await mayRead(jane, rules, never)
  await mayRead({ ...jane, groups: [...jane.groups] }, { ...rules }, never)
  assert.equal(sent.length, 1)
  for (const [who, objects] of [
    [{ ...jane, user: 'joe' }, rules],
    [{ ...jane, groups: ['people', 'x'] }, rules],
    [{ ...jane, userExtra: {} }, rules],
    [jane, { ...rules, namespace: 'other' }],
    [jane, { ...rules, kind: 'VirtualService' }],
  ] as const)
    await mayRead(who, objects, never)
  assert.equal(sent.length, 6)
  clock.now = 30_000
  await mayRead(jane, rules, never)
  assert.equal(sent.length, 7)
})
it('what a user may read is nothing where the answer is no, none, too late or not understood, and a failure is not remembered', async () => {
  for (const answer of [
    saying(false),
    saying('true'),
    saying(undefined),
    () => ({ status: 403, text: JSON.stringify({ status: { allowed: true } }) }),
    () => ({ status: 201, text: 'no JSON' }),
    () => ({ status: 201, text: 'null' }),
    () => Promise.reject(new Error('reset')),
  ])
    assert.equal(await asking(answer).mayRead(jane, rules, never), false)
  const { sent, mayRead } = asking(saying(true))
  assert.equal(await mayRead(jane, rules, AbortSignal.abort()), false)
  assert.deepEqual(sent, [])
  assert.equal(await mayRead(jane, rules, never), true)
})
