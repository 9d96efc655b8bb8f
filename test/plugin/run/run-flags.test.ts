import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { runCommand, words, type Ended } from '../run-command.ts'

const folder = await mkdtemp(join(tmpdir(), 'canary-flags-'))
after(() => rm(folder, { recursive: true, force: true }))

/** The words of a line, where two quotes are an empty one. */
const typed = (line: string): readonly string[] => words(line).map(word => (word === "''" ? '' : word))

/** One error and what to do, and nothing of the program's inside. */
function assertTold({ code, stdout, stderr }: Ended, message: RegExp, wanted: number): void {
  assert.equal(code, wanted, stderr)
  assert.equal(stdout, '')
  assert.match(stderr, message)
  assert.equal(stderr.match(/^error: /gm)?.length, 1, stderr)
  assert.ok(stderr.trimEnd().split('\n').length > 1, `no hint: ${stderr}`)
  assert.doesNotMatch(stderr, /\n\s+at |undefined|\[object|internal error/)
}

const flags: readonly (readonly [string, RegExp])[] = [
  ['--step 1e3', /--step 1e3 is not a whole number/],
  ['--step NaN', /--step NaN/],
  ['--step 0', /--step 0/],
  ['--step 2.5', /--step 2.5/],
  ['--step 99999999999', /--step 99999999999/],
  ['--max 101', /--max 101/],
  ["--steps ''", /--steps "" is not a whole number/],
  ['--steps 1,,5', /--steps "" is not a whole number/],
  ['--steps 1;5', /--steps 1;5 is not/],
  ['--steps 5,1', /does not grow/],
  ['--steps 5,5', /does not grow/],
  ['--interval 1ns', /--interval 1ns is not a duration/],
  ["--interval ''", /--interval "" is not a duration/],
  ['--interval 999999h', /--interval 999999h/],
  ['--interval=-1m', /--interval -1m/],
  ['--timeout 0', /--timeout 0/],
  ['--data-deadline never', /--data-deadline never/],
  ['--iterations 0', /--iterations 0/],
  ['--threshold 0', /--threshold 0/],
  ['--threshold Infinity', /--threshold Infinity/],
  ['--min-requests 0', /--min-requests 0/],
  ['--confidence 1', /--confidence 1/],
  ['--confidence 95', /--confidence 95/],
  ['--confidence NaN', /--confidence NaN/],
  ['--failures some', /--failures some/],
  ['--promote later', /--promote later/],
  ['--on-no-data ignore', /--on-no-data ignore/],
  [
    '--metric request-success-rate:min=99 --metric request-success-rate:min=98',
    /--metric request-success-rate is given twice/,
  ],
  [
    '--metric request-duration --metric request-duration:max=5',
    /--metric request-duration of quantile 0.99 is given twice/,
  ],
  ["--metric ''", /--metric ""/],
  ['--metric request-success-rate:min=NaN', /min=NaN/],
  ['--gate ci.example.com', /--gate is not a URL/],
  ['--gate http://me:secret@ci/', /--gate has a password in its URL(?![^]*secret)/],
  ['--hook https://token@ci/', /--hook has a password in its URL(?![^]*token)/],
  ['--hook file:///etc', /--hook is not a URL/],
  ['--hook-template x', /--hook-template needs --hook/],
  ['--mirror 0', /--mirror 0/],
  ["--cohort ''", /cohort/],
]

describe('a flag of run that does not fit', () => {
  for (const [line, message] of flags)
    test(`${line} is one usage error with what to do`, async () => {
      assertTold(await runCommand(typed(`run catalog v2 --simulate good ${line}`)), message, 2)
    })

  test('two durations of different quantiles are two metrics', async () => {
    const { stderr } = await runCommand(
      words(
        'run catalog v2 --simulate good --metric request-duration:quantile=0.5 --metric request-duration',
      ),
    )
    assert.equal(stderr, '')
  })

  test('of wait is told with what to do, too', async () => {
    assertTold(await runCommand(words('wait catalog --for done')), /--for done is none of/, 2)
  })
})

const files: readonly (readonly [string, RegExp])[] = [
  ['', /:1: the plan must be object/],
  ['- step: 10', /:1: the plan must be object/],
  ['step: 10\nsteep: 5', /:2: the plan has an unknown key steep/],
  ['step: "10"', /:1: step must be integer/],
  ['interval: 60', /:1: interval must be string/],
  ['max: 5\ninterval: 1ns', /:2: --interval 1ns/],
  ['step: [', /:\d: /],
  ['step: *missing', /:1: .*missing/],
  ['metrics: []', /:1: metrics must NOT have fewer than 1 items/],
  ['step: 5\nmetrics:\n- name: smoke\n  webhook: ci', /:[23]: the webhook of metric smoke is not a URL/],
  [
    'metrics:\n- name: a\n  webhook: http://x\n- name: a\n  query: up\n  max: 1',
    /:[12]: --metric a is given twice/,
  ],
  [
    'metrics:\n- name: smoke\n  webhook: http://me:secret@ci',
    /:[12]: the webhook of metric smoke has a password/,
  ],
  ['gates:\n- http://me:secret@ci', /:[12]: --gate has a password in its URL(?![^]*secret)/],
  ['metrics:\n- name: smoke\n  job: { timeout: 5m }', /:[12]: the Job of metric smoke has no spec/],
  ['metrics:\n- name: smoke\n  job: { spec: {}, tiemout: 5m }', /:3: .*unknown key tiemout/],
  ['metrics:\n- name: smoke\n  job: none.yaml', /none\.yaml cannot be read: no such file/],
  ['metrics:\n- request-duration\ncohort:\n  name: Not A Name', /:[34]: .*not a valid cohort name/],
]

describe('a plan file that does not fit', () => {
  for (const [i, [text, message]] of files.entries())
    test(`${JSON.stringify(text)} is one error with its line`, async () => {
      const file = join(folder, `${i}.yaml`)
      await writeFile(file, text)
      assertTold(await runCommand([...words('run catalog v2 --simulate good --plan'), file]), message, 1)
    })

  test('one with its schema alone is a plan of all usual values', async () => {
    const file = join(folder, 'schema.yaml')
    await writeFile(file, '$schema: https://example.com/run-plan.schema.json')
    const { stderr } = await runCommand([...words('run catalog v2 --simulate good --plan'), file])
    assert.equal(stderr, '')
  })

  test('one that is not there is told', async () => {
    assertTold(await runCommand(words('run catalog v2 --simulate good --plan none.yaml')), /no such file/, 1)
  })
})

describe('a URL with the name of a variable', () => {
  for (const url of [
    'https://me:${PASSWORD}@ci/',
    'https://${USER}:${PASSWORD}@ci/x',
    '${URL}',
    'https://${TOKEN}@ci',
  ])
    test(`${url} is taken, for what is kept has no secret`, async () => {
      const { stderr } = await runCommand(['run', 'catalog', 'v2', '--simulate', 'good', '--gate', url])
      assert.equal(stderr, 'note: not simulated: gates\n')
    })

  for (const url of ['https://me:x${PASSWORD}@ci/', 'https://me${X}@ci/', '${URL', 'ftp://${X}'])
    test(`${url} is refused`, async () => {
      assertTold(await runCommand(['run', 'catalog', 'v2', '--simulate', 'good', '--gate', url]), /--gate/, 2)
    })
})

/** Flags that have no meaning beside another one. */
const flagsOf = {
  resume: [
    '--step 5',
    '--max 5',
    '--steps 5',
    '--mirror 5',
    '--at-once',
    '--interval 5s',
    '--iterations 2',
    '--promote auto',
    '--plan p',
    '--cohort a',
    '--header a=b',
    '--cookie a=b',
    '--query a=b',
    '--claim a=b',
    '--source-label a=b',
    '--metric pod-failures',
    '--threshold 2',
    '--failures total',
    '--min-requests 5',
    '--confidence 0.9',
    '--on-no-data wait',
    '--data-deadline 5m',
    '--timeout 5m',
    '--gate http://x',
    '--hook http://x',
    '--hook-template t',
    '--continue k',
    '--stable v1',
    '--force',
    '--reason why',
  ],
  simulate: [
    '--resume',
    '--continue k',
    '--confirm',
    '--force',
    '--reason why',
    '--scrape-interval 15s',
    '--prometheus http://p',
    '--prometheus-token-file t',
    '--prometheus-basic-auth-file t',
    '--prometheus-certificate-authority t',
    '--prometheus-insecure-skip-tls-verify',
  ],
}
describe('a flag that would have no effect', () => {
  for (const [with_, typedFlags] of Object.entries(flagsOf))
    for (const flag of typedFlags)
      test(`${flag} is refused with --${with_}`, async () => {
        const line =
          with_ === 'resume' ? `run catalog --resume ${flag}` : `run catalog v2 --simulate good ${flag}`
        const named = flag.split(' ')[0]!
        assertTold(await runCommand(words(line)), new RegExp(`${named} cannot be used with --${with_}`), 2)
      })

  test('is refused with --resume where it is a version, too', async () => {
    assertTold(await runCommand(words('run catalog v2 --resume')), /the version v2 cannot be used/, 2)
  })
})
