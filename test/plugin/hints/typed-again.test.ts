import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { buildProgram } from '../../../plugin/cli.ts'
import { grammarOf } from '../../../plugin/flags/grammar.ts'
import { typedAgain, verbsOfApis, verbsOnFiles } from '../../../plugin/flags/typed-again.ts'
import { Session } from '../../../plugin/session.ts'
import { streamsOf } from '../run-command.ts'

const files = { files: ['all.yaml'], provider: undefined }

describe('a command in a hint', () => {
  it('is about the files and the routing API that the person named', () => {
    const words = { files: ['my files/all.yaml'], provider: 'api7' }
    assert.equal(
      typedAgain('Roll back: kubectl canary abort page -n shop', words),
      "Roll back: kubectl canary abort page -n shop -f 'my files/all.yaml' --provider api7",
    )
    assert.equal(
      typedAgain('kubectl canary status page -n shop shows what is left.', words),
      "kubectl canary status -f 'my files/all.yaml' --provider api7 page -n shop shows what is left.",
    )
  })

  it('keeps the words that it has, and gets none that its verb does not take', () => {
    for (const text of [
      'kubectl canary abort page -f other.yaml',
      'kubectl canary abort page -k base',
      'kubectl canary history page',
      'kubectl canary version',
      'kubectl annotate service page a-',
    ])
      assert.equal(typedAgain(text, files), text)
    assert.equal(
      typedAgain('kubectl canary abort page --provider istio', { files: [], provider: 'api7' }),
      'kubectl canary abort page --provider istio',
    )
  })

  it('is without the routing API that it says to leave out', () => {
    const text = 'Leave out --provider: kubectl canary abort page'
    assert.equal(typedAgain(text, { files: [], provider: 'api7' }), text)
    assert.equal(typedAgain(text, { files: ['a.yaml'], provider: 'api7' }), `${text} -f a.yaml`)
  })

  it('is each completed, of several', () => {
    assert.equal(
      typedAgain('kubectl canary promote a v2\n  kubectl canary promote b v2', files),
      'kubectl canary promote a v2 -f all.yaml\n  kubectl canary promote b v2 -f all.yaml',
    )
  })
})

describe('the verbs that take files, and those that take a routing API', () => {
  it('are those whose commands do', () => {
    const session = new Session([], streamsOf({}, { stdout: '', stderr: '' }), {
      openStore: () => assert.fail('nothing is read'),
    })
    const all = buildProgram(session).commands.map(command => [command.name(), grammarOf(command)] as const)
    const those = (takes: (grammar: NonNullable<(typeof all)[number][1]>) => boolean): readonly string[] =>
      all.flatMap(([name, grammar]) => (grammar !== undefined && takes(grammar) ? [name] : [])).toSorted()
    assert.deepEqual(
      [...verbsOnFiles].toSorted(),
      those(({ flags }) => flags.includes('--filename')),
    )
    assert.deepEqual(
      [...verbsOfApis].toSorted(),
      those(({ namespaced }) => namespaced),
    )
  })
})
