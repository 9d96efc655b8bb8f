import assert from 'node:assert/strict'
import test from 'node:test'
import { hasRegex, parseConditions, type ConditionWords } from '../../../plugin/words/conditions.ts'
import { checkRegexWith } from '../../../plugin/words/regex.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'

const checkRegex = await checkRegexWith()

for (const [words, expected] of [
  [{ header: ['x-team=qa'] }, [{ on: 'header', name: 'x-team', match: { exact: 'qa' } }]],
  [{ header: ['X-Team=QA'] }, [{ on: 'header', name: 'x-team', match: { exact: 'QA' } }]],
  [{ header: ['x-team:prefix=qa-'] }, [{ on: 'header', name: 'x-team', match: { prefix: 'qa-' } }]],
  [{ header: ['x-team:regex=qa|dev'] }, [{ on: 'header', name: 'x-team', match: { regex: 'qa|dev' } }]],
  [{ bucket: '5%', by: 'X-User-Id' }, [{ on: 'bucket', name: 'x-user-id', percent: 5, digits: 'decimal' }]],
  [
    { bucket: '0.25', by: 'x-id', digits: 'hex' },
    [{ on: 'bucket', name: 'x-id', percent: 0.25, digits: 'hex' }],
  ],
  [{ header: ['x-team'] }, [{ on: 'header', name: 'x-team', match: {} }]],
  [{ header: ['x-a=b=c'] }, [{ on: 'header', name: 'x-a', match: { exact: 'b=c' } }]],
  [
    { header: ['user-agent=Mozilla/5.0 (X11; Linux)'] },
    [{ on: 'header', name: 'user-agent', match: { exact: 'Mozilla/5.0 (X11; Linux)' } }],
  ],
  [{ cookie: ['beta=yes'] }, [{ on: 'cookie', name: 'beta', value: 'yes' }]],
  [
    { header: ['x-name:prefix=Ann ', 'x-mail=Ann B'] },
    [
      { on: 'header', name: 'x-name', match: { prefix: 'Ann ' } },
      { on: 'header', name: 'x-mail', match: { exact: 'Ann B' } },
    ],
  ],
  [{ query: ['beta=1'] }, [{ on: 'query', name: 'beta', match: { exact: '1' } }]],
  [{ query: ['beta:regex=1|2'] }, [{ on: 'query', name: 'beta', match: { regex: '1|2' } }]],
  [{ claim: ['group=internal'] }, [{ on: 'claim', name: 'group', match: { exact: 'internal' } }]],
  [{ claim: ['realm.Roles:regex=a|b'] }, [{ on: 'claim', name: 'realm.Roles', match: { regex: 'a|b' } }]],
  [
    { claim: ['https://example.com/group=a=b'] },
    [{ on: 'claim', name: '[https://example.com/group]', match: { exact: 'a=b' } }],
  ],
  [{ claim: ['[realm][roles]:prefix=a'] }, [{ on: 'claim', name: 'realm.roles', match: { prefix: 'a' } }]],
  [{ sourceLabel: ['app=webapp'] }, [{ on: 'source-label', name: 'app', value: 'webapp' }]],
  [
    { sourceLabel: ['app.kubernetes.io/name=webapp'] },
    [{ on: 'source-label', name: 'app.kubernetes.io/name', value: 'webapp' }],
  ],
] as const) {
  test(`reads ${JSON.stringify(words)}`, () => assert.deepEqual(parseConditions(words, checkRegex), expected))
}

test('keeps several conditions, which must all hold', () => {
  assert.equal(
    parseConditions(
      { header: ['a=1', 'b=2'], cookie: ['c=3'], query: ['d=4'], sourceLabel: ['e=5'] },
      checkRegex,
    ).length,
    5,
  )
})

for (const [words, complaint] of [
  [{ header: ['x team=qa'] }, /"x team" is not a valid header name/],
  [{ header: ['=qa'] }, /"" is not a valid header name/],
  [{ header: ['x-téam=qa'] }, /is not a valid header name/],
  [{ header: ['x-team:sufix=qa'] }, /"x-team:sufix" is not a valid header name/],
  [{ header: ['x-team:prefix='] }, /the prefix is empty/],
  [{ header: ['x-team:regex=(qa'] }, /regex \(qa is not valid: missing closing \)/],
  [{ header: ['x-team:regex=(?!qa)'] }, /regex \(\?!qa\) is not valid/],
  [{ header: ['x-team:regex='] }, /is not valid: it is empty/],
  [{ header: ['x-team= qa'] }, /begins or ends with a blank/],
  [{ header: ['x-team=qa '] }, /begins or ends with a blank/],
  [{ header: ['x-team:prefix= q'] }, /begins or ends with a blank/],
  [{ header: ['x-team=q\na'] }, /has a line break/],
  [{ header: ['x-team=a', 'X-Team=b'] }, /--header x-team is given twice/],
  [{ cookie: ['beta'] }, /--cookie beta is not name=value/],
  [{ cookie: ['be ta=1'] }, /is not name=value/],
  [{ cookie: ['beta=a;b'] }, /a cookie value cannot hold/],
  [{ cookie: ['a=1', 'b=2'] }, /only one condition can test it/],
  [{ header: ['cookie=a'], cookie: ['b=2'] }, /only one condition can test it/],
  [{ query: ['beta'] }, /--query beta is not name=value/],
  [{ claim: ['group'] }, /--claim group is not name=value/],
  [{ claim: ['=a'] }, /is not name=value/],
  [{ claim: ['a..b=c'] }, /is not name=value/],
  [{ claim: ['[a.b=c'] }, /is not name=value/],
  [{ claim: ['g=a', 'g=b'] }, /--claim g is given twice/],
  [{ claim: ['g=a'], sourceLabel: ['app=web'] }, /cannot hold for one request/],
  [{ sourceLabel: ['app'] }, /--source-label app is not a valid label/],
  [{ sourceLabel: ['-app=x'] }, /is not a valid label/],
] as readonly (readonly [ConditionWords, RegExp])[]) {
  test(`refuses ${JSON.stringify(words)}`, () => {
    assert.throws(
      () => parseConditions(words, checkRegex),
      (error: unknown) =>
        error instanceof CanaryError
        && error.code === 'usage'
        && complaint.test(error.message)
        && error.hints.length === 1,
    )
  })
}

test('knows where a regex was typed, so that the engine is loaded only then', () => {
  assert.equal(hasRegex({ header: ['a:regex=b'] }), true)
  assert.equal(hasRegex({ query: ['a:regex=b'] }), true)
  assert.equal(hasRegex({ header: ['a=b:regex=c'], cookie: ['x=y'] }), false)
})

test('a bucket without a header, without a share, or beside a test of its header is a usage error', () => {
  const by = 'x-id'
  for (const words of [
    { bucket: '5%' },
    { by },
    { digits: 'hex' },
    { bucket: '5%', by: 'x id' },
    { bucket: '5%', by, digits: 'octal' },
    { bucket: '5%', by, header: ['X-Id=1'] },
    ...['0', '100', '-1', '5.123', 'x', ''].map(bucket => ({ bucket, by })),
  ])
    assert.throws(() => parseConditions(words, checkRegex), { code: 'usage' }, JSON.stringify(words))
})
