import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { defaultConfig, type GuardConfig } from '../../../webhook/config/config.ts'
import { openConfig } from '../../../webhook/config/config-file.ts'
import { configReader } from '../../../webhook/config/read-config.ts'
import { until } from '../../live/watch/watching.ts'

const read = configReader(['undefined-subset', 'weights-sum-to-100'])
const refused = (text: string): string => {
  try {
    read(text)
  } catch (error) {
    assert.ok(error instanceof CanaryError && error.code === 'unreadable')
    return error.message
  }
  throw new Error(`was taken: ${text}`)
}

describe('the configuration file', () => {
  it('has all defaults when it is empty', () => assert.deepEqual(read(''), defaultConfig))
  it('may be YAML or JSON', () => {
    assert.deepEqual(read('rules:\n  undefined-subset: warn\n').rules, { 'undefined-subset': 'warn' })
    assert.deepEqual(read('{"rules": {"undefined-subset": "warn"}}').rules, { 'undefined-subset': 'warn' })
  })
  it('keeps the defaults of keys that it leaves out', () => {
    assert.deepEqual(read('absent: { host: deny }').absent, {
      subset: 'deny',
      host: 'deny',
      workload: 'deny',
    })
    assert.deepEqual(read('audit: {}').audit, defaultConfig.audit)
  })
  it('is rejected with unknown keys, rules and modes, each named', () => {
    assert.match(refused('onErorr: allow'), /the configuration has the unknown key "onErorr"/)
    assert.match(refused('rules: { undefined-subest: warn }'), /rules has the unknown key "undefined-subest"/)
    assert.match(
      refused('rules: { undefined-subset: loud }'),
      /rules.undefined-subset must be one of deny, warn, off/,
    )
    assert.match(refused('mesh: { root: x }'), /mesh has the unknown key "root"/)
    assert.match(
      refused('onError: [allow]\naudit: { intervalSeconds: -1 }'),
      /onError.*audit.intervalSeconds/,
    )
  })
  it('is rejected when it is not a mapping, or not YAML', () => {
    refused('- a')
    refused('just text')
    assert.match(refused('a: [1'), /not YAML/)
  })
  it('is rejected with duplicate keys, bytes that are not text, or exponential aliases', () => {
    assert.match(refused('onError: deny\nonError: allow'), /must be unique/)
    assert.match(refused('onError: deny\n\0\0'), /not YAML/)
    assert.match(refused('\0\0\0'), /must be object/)
    assert.match(refused('onError: deny\n---\nonError: allow'), /multiple documents/)
    assert.match(refused('__proto__: { onError: deny }'), /"__proto__"/)
    assert.match(refused(`rules: ${'['.repeat(40_000)}`), /not YAML/)
    assert.match(refused(`exemptUsers:\n${'- somebody\n'.repeat(10_000)}`), /more than 50000 characters/)
    const bomb = Array.from(
      { length: 8 },
      (_, i) => `x${i}: &x${i} [${Array.from({ length: 9 }, () => (i === 0 ? 'x' : `*x${i - 1}`)).join()}]`,
    )
    assert.match(refused(bomb.join('\n')), /alias count/)
  })
})

/** A folder as the kubelet mounts a ConfigMap: files are links into `..data`, which is a link that is swapped. */
class Mount {
  readonly folder: string
  #version = 0

  constructor(folder: string) {
    this.folder = folder
  }

  get path(): string {
    return join(this.folder, 'config.yaml')
  }

  async swap(text: string): Promise<void> {
    const version = `..v${this.#version++}`
    await mkdir(join(this.folder, version))
    await writeFile(join(this.folder, version, 'config.yaml'), text)
    await symlink(version, join(this.folder, '..data_tmp'))
    await rename(join(this.folder, '..data_tmp'), join(this.folder, '..data'))
    if (version === '..v0') await symlink('..data/config.yaml', this.path)
  }
}

async function mounted(context: TestContext, text: string): Promise<Mount> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-guard-config-'))
  context.after(() => rm(folder, { recursive: true }))
  const mount = new Mount(folder)
  await mount.swap(text)
  return mount
}

describe('a mounted configuration', () => {
  it('is loaded when its ConfigMap changes', async context => {
    const mount = await mounted(context, 'onError: allow')
    const { promise: loaded, resolve, reject } = Promise.withResolvers<GuardConfig>()
    const config = await openConfig(mount.path, read, { onLoaded: resolve, onRejected: reject })
    context.after(() => config.close())
    assert.equal(config.current.onError, 'allow')
    await mount.swap('onError: deny')
    assert.equal((await loaded).onError, 'deny')
    assert.deepEqual([config.current.onError, config.isValid], ['deny', true])
  })
  it('stays in use when the new one is invalid, until a valid one follows', async context => {
    const mount = await mounted(context, 'onError: deny')
    const refusals: CanaryError[] = []
    let heard = Promise.withResolvers<void>()
    const next = async (): Promise<void> => {
      await heard.promise
      heard = Promise.withResolvers()
    }
    const config = await openConfig(mount.path, read, {
      onLoaded: () => heard.resolve(),
      onRejected: error => (refusals.push(error), heard.resolve()),
    })
    context.after(() => config.close())
    await mount.swap('nonsense: true')
    await next()
    assert.deepEqual([config.current.onError, config.isValid], ['deny', false])
    assert.match(refusals[0]!.message, /config.yaml cannot be loaded: .*"nonsense"/)
    await mount.swap('onError: allow')
    await next()
    assert.deepEqual([config.current.onError, config.isValid], ['allow', true])
  })
})

describe('a mounted configuration whose file is lost', () => {
  for (const [what, replacement] of [
    ['gone', async () => undefined],
    ['a folder', (path: string) => mkdir(path)],
  ] as const) {
    it(`stays in use while its file is ${what}, and counts as valid again when the file is restored`, async context => {
      const mount = await mounted(context, 'onError: deny')
      const heard: string[] = []
      const config = await openConfig(mount.path, read, {
        onLoaded: () => heard.push('loaded'),
        onRejected: () => heard.push('refused'),
      })
      context.after(() => config.close())
      await rm(mount.path)
      await replacement(mount.path)
      await until('the loss is noticed', () => heard.length === 1)
      assert.deepEqual([heard, config.current.onError, config.isValid], [['refused'], 'deny', false])
      await rm(mount.path, { recursive: true, force: true })
      await writeFile(mount.path, 'onError: deny')
      await until('the file is noticed', () => heard.length === 2)
      assert.deepEqual([heard, config.current.onError, config.isValid], [['refused', 'loaded'], 'deny', true])
    })
  }
})

describe('a configuration at the start', () => {
  it('is an error if it is invalid or missing, and is not followed then', async context => {
    const mount = await mounted(context, 'nonsense: true')
    const events = { onLoaded: () => assert.fail(), onRejected: () => assert.fail() }
    await assert.rejects(openConfig(mount.path, read, events), /"nonsense"/)
    await assert.rejects(
      openConfig(join(mount.folder, 'other.yaml'), read, events),
      /other.yaml cannot be loaded/,
    )
    // Another that follows the same folder, and later, has seen the change when the first one would have.
    const { promise: seen, resolve } = Promise.withResolvers<unknown>()
    await mount.swap('onError: allow')
    const config = await openConfig(mount.path, read, { onLoaded: resolve, onRejected: resolve })
    context.after(() => config.close())
    await mount.swap('onError: deny')
    await seen
  })
  it('is the default without a path, valid, and as strict as the documentation says', async () => {
    const config = await openConfig(undefined, read, {
      onLoaded: () => assert.fail(),
      onRejected: () => assert.fail(),
    })
    assert.equal(config.isValid, true)
    assert.deepEqual(config.current, {
      rules: {},
      absent: { subset: 'deny', host: 'warn', workload: 'deny' },
      crossNamespace: { deny: [] },
      exemptions: { allowed: 'anyone', never: ['istio-rejects'] },
      exemptUsers: [],
      onError: 'allow',
      relativeWeights: false,
      settleSeconds: 60,
      mesh: {},
      audit: { intervalSeconds: 600 },
    })
  })
  it('is valid when its file is', async context => {
    const mount = await mounted(context, 'onError: deny')
    const config = await openConfig(mount.path, read, {
      onLoaded: () => undefined,
      onRejected: () => undefined,
    })
    context.after(() => config.close())
    assert.deepEqual([config.isValid, config.current.onError], [true, 'deny'])
  })
})

it('the configuration says who may exempt, as a word or by users and groups, and nothing else', () => {
  for (const allowed of ['anyone', 'nobody', { users: ['jane'] }, { groups: ['platform'] }, {}])
    assert.deepEqual(read(JSON.stringify({ exemptions: { allowed } })).exemptions, {
      allowed,
      never: ['istio-rejects'],
    })
  assert.deepEqual(read('exemptions: { never: [undefined-subset] }').exemptions.never, ['undefined-subset'])
  for (const text of ['allowed: admins', 'allowed: { roles: [x] }', 'never: [no-such-rule]', 'never: all'])
    assert.throws(() => read(`exemptions: { ${text} }`), text)
})
