import assert from 'node:assert/strict'
import test from 'node:test'
import { escaped } from '../../../shared/objects/text/escaped.ts'

const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

test('each character of Unicode that is hidden is written by its number, and no other', () => {
  for (let code = 0; code <= 0x10_ff_ff; code++) {
    const character = String.fromCodePoint(code)
    if (hidden.test(character) !== (escaped(character) !== character)) assert.fail(code.toString(16))
  }
  assert.equal(escaped('one\ntwo\u200b\ud83d'), String.raw`one\ntwo\u200b\ud83d`)
})
