import assert from 'node:assert/strict'
import test from 'node:test'
import { runInThisContext } from 'node:vm'
import { asCommonJs } from './commonjs-chunks.ts'

const shared = 'function add(a,b){return a+b}var one=1;export{one,add as plus};\n'
const main =
  'import{one as first,plus}from"./chunk-AAAAAAAA.mjs";import"./chunk-BBBBBBBB.mjs";var two=plus(first,first),more=()=>import("./more-CCCCCCCC.mjs");export{two,more};\n'
const chunks = new Map([
  ['chunk-AAAAAAAA.mjs', shared],
  ['main.mjs', main],
])

type Body = (
  module: { exports: unknown },
  require: (id: string) => unknown,
  late: (id: string) => unknown,
) => void

function load(name: string): unknown {
  const module = { exports: {} }
  const text = chunks.get(name)
  if (text === undefined) return `the exports of ${name}`
  const body = runInThisContext(asCommonJs(name, text, chunks)) as Body
  const loaded = (id: string): unknown => load(id.replace('./', '').replace(/cjs$/, 'mjs'))
  body(module, loaded, loaded)
  return module.exports
}

test('a chunk takes what others export by its place, and gives its own names to those who import it late', () => {
  const { two, more } = load('main.mjs') as { two: number; more: () => unknown }
  assert.equal(two, 2)
  assert.equal(more(), 'the exports of more-CCCCCCCC.mjs')
  assert.deepEqual((load('chunk-AAAAAAAA.mjs') as unknown[])[0], 1)
})

test('a chunk is strict, as modules are', () => {
  const text = 'var self=(function(){return this})();export{self};\n'
  const module = { exports: {} }
  const none = (): undefined => undefined
  ;(runInThisContext(asCommonJs('main.mjs', text, chunks)) as Body)(module, none, none)
  assert.deepEqual({ ...module.exports }, { self: undefined })
})

test('a chunk is ASCII, and its regular expressions match what they did', () => {
  const text = 'var plain=t=>t.replace(/→ {3}/g,"->").replace(/[µ😀]/gu,"?");export{plain};\n'
  const code = asCommonJs('main.mjs', text, chunks)
  assert.match(code, /^[\0-\x7f]*$/)
  const module = { exports: {} as { plain: (text: string) => string } }
  const none = (): undefined => undefined
  ;(runInThisContext(code) as Body)(module, none, none)
  assert.equal(module.exports.plain('→   µ 😀'), '->? ?')
})

test('what is of another form than the bundler writes is refused', () => {
  for (const text of [
    'import all from"./chunk-AAAAAAAA.mjs";export{all};\n',
    'import{nothing}from"./chunk-AAAAAAAA.mjs";\n',
    'export const a=1;\n',
    'export{a}from"./chunk-AAAAAAAA.mjs";var b;\n',
  ])
    assert.throws(() => asCommonJs('main.mjs', text, chunks), text)
})
