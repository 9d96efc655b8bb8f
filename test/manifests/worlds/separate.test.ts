import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../../properties.ts'
import { separate, type Definition } from '../../../shared/manifests/worlds/separate.ts'

/**
 * `dev/all.yaml:catalog` is a definition of catalog; the file is the last part before the place. `build:key=twin`
 * is an object of a build, as `twin` is in others.
 */
function at(text: string): Definition {
  const [file, name, place = '0'] = text.split(':') as [string, string, string?]
  const [key, twin] = name.split('=') as [string, string?]
  const parts = file.split('/')
  if (twin !== undefined) return { key, twin, path: [...parts, 'build'], folders: parts.length + 1 }
  return { key, path: [...parts, place, key], folders: parts.length - 1 }
}
const textOf = ({ key, path, folders }: Definition): string =>
  `${path.slice(0, path.at(-1) === 'build' ? folders - 1 : folders + 1).join('/')}:${key}`
const worlds = (...texts: readonly string[]) =>
  separate(texts.map(at)).map(({ items, fills }) => ({
    items: items.map(textOf).toSorted(),
    fills: fills.map(fill => fill.map(textOf)),
  }))

describe('definitions of objects', () => {
  it('are one world where nothing is defined twice', () => {
    assert.deepEqual(worlds('a.yaml:x', 'b/b.yaml:y'), [{ items: ['a.yaml:x', 'b/b.yaml:y'], fills: [[]] }])
  })
  it('are divided by the widest folders that have one definition, each with what stands outside', () => {
    assert.deepEqual(
      worlds('dev/routes/a.yaml:x', 'dev/app/b.yaml:only-dev', 'prod/routes/a.yaml:x', 'common.yaml:y'),
      [
        { items: ['common.yaml:y', 'dev/app/b.yaml:only-dev', 'dev/routes/a.yaml:x'], fills: [[]] },
        { items: ['common.yaml:y', 'prod/routes/a.yaml:x'], fills: [[]] },
      ],
    )
  })
  it('are divided by files where one folder has several, and each file sees one definition of the others', () => {
    assert.deepEqual(worlds('r1.yaml:rule', 'r2.yaml:rule', 'v1.yaml:route', 'v2.yaml:route'), [
      { items: ['r1.yaml:rule'], fills: [['v1.yaml:route'], ['v2.yaml:route']] },
      { items: ['r2.yaml:rule'], fills: [['v1.yaml:route'], ['v2.yaml:route']] },
      { items: ['v1.yaml:route'], fills: [['r1.yaml:rule'], ['r2.yaml:rule']] },
      { items: ['v2.yaml:route'], fills: [['r1.yaml:rule'], ['r2.yaml:rule']] },
    ])
  })
  it('are divided by their places where one file has several', () => {
    assert.deepEqual(
      worlds('a.yaml:x:0', 'a.yaml:x:1', 'a.yaml:y:2').map(({ items }) => items),
      [
        ['a.yaml:x', 'a.yaml:y'],
        ['a.yaml:x', 'a.yaml:y'],
      ],
    )
  })
  it('belong to the inner folder where folders that are divided lie in each other', () => {
    assert.deepEqual(
      worlds('base/b.yaml:b', 'envs/dev/b.yaml:b', 'envs/dev/a.yaml:a', 'envs/prod/a.yaml:a').map(
        ({ items }) => items,
      ),
      [['base/b.yaml:b'], ['envs/dev/a.yaml:a', 'envs/dev/b.yaml:b'], ['envs/prod/a.yaml:a']],
    )
  })
})

describe('objects of several builds that are made of one text', () => {
  it('are alternatives, whatever they are named', () => {
    assert.deepEqual(worlds('dev:dev-x=x', 'dev:dev-own', 'prod:prod-x=x', 'apps/y.yaml:y'), [
      { items: ['apps/y.yaml:y', 'dev:dev-own', 'dev:dev-x'], fills: [[]] },
      { items: ['apps/y.yaml:y', 'prod:prod-x'], fills: [[]] },
    ])
    assert.deepEqual(
      separate(['dev:dev-x=x', 'dev:only-dev=z', 'prod:prod-x=x'].map(at)).map(({ elsewhere }) =>
        elsewhere.map(({ key }) => key),
      ),
      [[], ['only-dev']],
    )
  })
  it('are one world where one build makes them all', () => {
    assert.deepEqual(worlds('all:dev-x=x', 'all:prod-x=x'), [
      { items: ['all:dev-x', 'all:prod-x'], fills: [[]] },
    ])
  })
})

describe('any definitions', () => {
  it('are each in a world, and none is in a world with another one of the same object', () => {
    const file = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 0, maxLength: 3 })
      .chain(folders => fc.constantFrom('x.yaml', 'y.yaml').map(name => [...folders, name].join('/')))
    const definition = fc
      .tuple(file, fc.constantFrom('k1', 'k2', 'k3'), fc.constantFrom('0', '1'))
      .map(parts => parts.join(':'))
    const built = fc
      .tuple(
        fc.constantFrom('dev', 'a', 'envs/eu'),
        fc.constantFrom('k1=t1', 'k2=t1', 'k4=t1', 'k3=t2', 'k5=t2'),
      )
      .map(parts => parts.join(':'))
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(definition, built), { maxLength: 12 }), texts => {
        const items = texts.map(at)
        const result = separate(items)
        for (const item of items) assert.ok(result.some(world => world.items.includes(item)))
        for (const world of result)
          for (const fill of [...world.fills, world.elsewhere]) {
            const all = [...world.items, ...fill]
            assert.equal(new Set(all.map(({ key }) => key)).size, all.length)
            for (const one of all.filter(({ twin }) => twin !== undefined))
              assert.ok(all.every(({ twin, path }) => twin !== one.twin || path.join() === one.path.join()))
          }
        for (const { elsewhere, items: own } of result) {
          const there = [...own, ...elsewhere]
          for (const { key, twin } of items)
            assert.ok(there.some(one => one.key === key || (one.twin ?? one) === twin))
        }
      }),
    )
  })
})
