import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { anyText, fc } from '../../properties.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { denialMessage } from '../../../webhook/admission/denial-message.ts'
import { fitWarnings, warningOf } from '../../../webhook/admission/warnings.ts'

const finding = (fields: Partial<Finding> = {}): Finding => ({
  rule: 'undefined-subset',
  family: 'undefined-subset',
  ref: { kind: 'VirtualService', namespace: 'shop', name: 'catalog' },
  severity: { webhook: 'error', lint: 'error' },
  path: ['spec', 'http', 0, 'route', 1],
  message: 'subset v9 is not defined',
  about: 'catalog/v9',
  fix: 'Add the subset first:\nkubectl canary init --service catalog --stable v1',
  ...fields,
})
const bytes = (text: string): number => Buffer.byteLength(text)
const controls = /[\p{Cc}]/u

describe('the message of a denial', () => {
  it('names the rule, the object and path, what is wrong and the fix', () => {
    assert.equal(
      denialMessage([finding()]),
      [
        'this would break canary routing',
        '[undefined-subset] VirtualService shop/catalog at spec.http[0].route[1]',
        '  subset v9 is not defined',
        '  Fix: Add the subset first:',
        '    kubectl canary init --service catalog --stable v1',
      ].join('\n'),
    )
  })
  it('has a fix of several findings only once', () => {
    const [first, second] = ['v8', 'v9'].map(name => finding({ message: `subset ${name} is not defined` }))
    assert.match(denialMessage([first!, second!]), /subset v9 is not defined\n {2}Fix: As above\.$/)
  })
  it('leaves out blank lines', () =>
    assert.match(denialMessage([finding({ fix: 'Add it:\n\n  \nhere' })]), /Fix: Add it:\n {4}here$/))
  it('has 4 KB at most and counts what it leaves out', () => {
    const message = denialMessage(
      Array.from({ length: 200 }, (_, i) => finding({ message: `subset v${i} is not defined` })),
    )
    assert.ok(bytes(message) <= 4096)
    const shown = message.split('\n').filter(line => line.startsWith('[')).length
    assert.match(message, new RegExp(`and ${200 - shown} more`))
  })
  it('stays within its limit and without control characters whatever objects contain', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            message: anyText(3000),
            fix: anyText(3000),
          }),
          { maxLength: 8 },
        ),
        parts => {
          const message = denialMessage(parts.map(finding))
          return bytes(message) <= 4096 && !controls.test(message.replaceAll('\n', ''))
        },
      ),
    )
  })
})

test('a denial of an exemption alone does not say that it would break routing', () => {
  const forbidden = finding({ rule: 'invalid-exemption' })
  assert.match(denialMessage([forbidden]), /^this exemption is not allowed\n\[invalid-exemption\] /)
  assert.match(denialMessage([forbidden, finding()]), /^this would break canary routing in 2 ways\n/)
})

describe('warnings of findings', () => {
  it('say the rule and the reason before the object', () =>
    assert.equal(
      warningOf(finding()),
      'undefined-subset: subset v9 is not defined (VirtualService shop/catalog)',
    ))
  it("name hosts without the cluster's domain, but only where they would be cut", () => {
    const of = (more: string): string =>
      warningOf(finding({ message: `catalog.shop.svc.mesh.example matches no workload, ${more}` }))
    assert.match(
      of('and hello.world.example'),
      /^undefined-subset: catalog\.shop\.svc\.mesh\.example matches/,
    )
    assert.match(of('a'.repeat(160)), /^undefined-subset: catalog\.shop\.svc… matches no workload, a{160} \(/)
  })
  it('keep the object where the reason is cut, and some of the reason whatever the object is called', () => {
    const ref = { kind: 'VirtualService', namespace: 'n'.repeat(63), name: 'o'.repeat(253) } as const
    assert.match(
      warningOf(finding({ message: 'x'.repeat(500) })),
      /^undefined-subset: x{207}… \(VirtualService shop\/catalog\)$/,
    )
    assert.match(
      warningOf(finding({ message: 'x'.repeat(500), ref })),
      /^undefined-subset: x{100,}… \(V.*…\)$/,
    )
  })
  it('have 256 characters at most and the rule first, whatever objects contain', () => {
    const text = anyText(600)
    fc.assert(
      fc.property(text, text, (message, name) => {
        const warning = warningOf(finding({ message, ref: { kind: 'Service', namespace: 'shop', name } }))
        const [fitted] = fitWarnings([warning])
        return [...warning].length <= 256 && fitted === warning && warning.startsWith('undefined-subset: ')
      }),
    )
  })
})

describe('warnings', () => {
  it('show newlines, control and hidden characters by their numbers, as the API server drops such ones', () => {
    assert.deepEqual(fitWarnings(['a\nb\u0000c\u009bd\u202ee']), ['a\\nb\\u0000c\\u009bd\\u202ee'])
  })
  it('have 256 characters at most, as the API server allows, and are whole where they have no more', () => {
    const [just, over] = ['x'.repeat(256), 'x'.repeat(257)].map(text => fitWarnings([text])[0]!)
    assert.deepEqual([just, over], ['x'.repeat(256), `${'x'.repeat(255)}…`])
  })
  it('are 20 at most, and the last one counts what was left out', () => {
    const warnings = fitWarnings(Array.from({ length: 50 }, (_, i) => `warning ${i}`))
    assert.equal(warnings.length, 20)
    assert.deepEqual([warnings[0], warnings[18]], ['warning 0', 'warning 18'])
    assert.match(warnings[19]!, /^and 31 more/)
  })
  it('are not repeated', () => assert.deepEqual(fitWarnings(['same', 'same']), ['same']))
  it('stay within all limits whatever objects contain', () => {
    fc.assert(
      fc.property(fc.array(anyText(300), { maxLength: 60 }), texts => {
        const warnings = fitWarnings(texts)
        return (
          warnings.length <= 20
          && warnings.every(
            text => text !== '' && [...text].length <= 256 && !controls.test(text) && text.isWellFormed(),
          )
          && warnings.reduce((sum, text) => sum + bytes(text), 0) <= 4096
        )
      }),
    )
  })
})
