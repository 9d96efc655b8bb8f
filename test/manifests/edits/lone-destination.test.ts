import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { withValue } from '../../../shared/manifests/edit/with-value.ts'
import type { Plain } from '../../../shared/manifests/edit/plain.ts'
import { SectionReader } from '../../../shared/manifests/yaml/documents.ts'
import { valueOf } from '../../../shared/manifests/yaml/value.ts'

/** A list of destinations of which one stays, without a weight. */
async function promoted(text: string, subset: string): Promise<string> {
  const root = await new SectionReader().read(text)
  const before = valueOf(root) as { readonly [key: string]: Plain }
  return withValue(text, root, { ...before, route: [{ destination: { host: 'shop', subset } }] })
}

const canary = '- destination:\n    host: shop\n    subset: v2\n  weight: 10\n'

describe('destinations of which one stays', () => {
  it('keep the comments of the stable version where the canary is promoted', async () => {
    const stable =
      '# the Service\n- destination: # of shop\n    host: shop\n    subset: v1 # stable\n  weight: 90\n'
    assert.equal(
      await promoted(`route:\n${stable}${canary}`, 'v2'),
      'route:\n# the Service\n- destination: # of shop\n    host: shop\n    subset: v2 # stable\n',
    )
    assert.equal(
      await promoted(`route:\n${stable}${canary}`, 'v1'),
      'route:\n# the Service\n- destination: # of shop\n    host: shop\n    subset: v1 # stable\n',
    )
  })
  it('keep the comments of the only one that has some', async () => {
    const plain = '- destination:\n    host: shop\n    subset: v1\n  weight: 90\n'
    assert.equal(
      await promoted(`route:\n${plain}${canary.replace('v2', 'v2 # new')}`, 'v2'),
      'route:\n- destination:\n    host: shop\n    subset: v2 # new\n',
    )
  })
  it('keep an anchor that is used elsewhere', async () => {
    const anchored = '- destination:\n    host: &host shop\n    subset: v1\n  weight: 90\n'
    assert.equal(
      await promoted(`route:\n${anchored}${canary.replace('shop', '*host')}other: *host\n`, 'v2'),
      'route:\n- destination:\n    host: &host shop\n    subset: v2\nother: *host\n',
    )
  })
  it('are known by their weights: the items of another list keep their comments to themselves', async () => {
    const text =
      'route:\n# old\n- destination: {host: shop, subset: v1}\n- destination: {host: shop, subset: v2}\n'
    assert.equal(await promoted(text, 'v2'), 'route:\n- destination: {host: shop, subset: v2}\n')
  })
})

describe('destinations with comments of which one stays', () => {
  it('keep the comments of the one that stays where both have some', async () => {
    const stable = '# first\n- destination:\n    host: shop\n    subset: v1 # stable\n  weight: 90 # most\n'
    const second = `# second\n${canary.replace('v2', 'v2 # new')}`
    assert.equal(
      await promoted(`route:\n${stable}${second}`, 'v2'),
      'route:\n# second\n- destination:\n    host: shop\n    subset: v2 # new\n',
    )
    assert.equal(
      await promoted(`route:\n${second}${stable}`, 'v1'),
      'route:\n# first\n- destination:\n    host: shop\n    subset: v1 # stable\n',
    )
  })
  it('keep a comment behind the one that goes where the other has none', async () => {
    const items =
      '- {destination: {host: shop, subset: v1}, weight: 90} # old\n- {destination: {host: shop, subset: v2}, weight: 10}\n'
    assert.equal(
      await promoted(`route:\n${items}`, 'v2'),
      'route:\n- {destination: {host: shop, subset: v2}} # old\n',
    )
  })
})

describe('a lone backend that another one replaces', () => {
  it('keeps its comments', async () => {
    const text = 'route:\n# stable\n- name: shop-v1 # now\n  port: 80 # http\n'
    const root = await new SectionReader().read(text)
    assert.equal(
      withValue(text, root, { route: [{ name: 'shop-v2', port: 80 }] }),
      text.replace('shop-v1', 'shop-v2'),
    )
    const plain = 'route:\n- name: shop-v1\n  port: 80\n'
    assert.equal(
      withValue(plain, await new SectionReader().read(plain), { route: [{ name: 'shop-v2', port: 80 }] }),
      plain.replace('shop-v1', 'shop-v2'),
    )
  })
})
