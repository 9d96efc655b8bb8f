import assert from 'node:assert/strict'
import test from 'node:test'
import { withValue } from '../../shared/manifests/edit/with-value.ts'
import { FlowReader } from '../../shared/manifests/yaml/read-flow.ts'
import { readFull } from '../../shared/manifests/yaml/read-full.ts'
import { valueOf } from '../../shared/manifests/yaml/value.ts'
import type { Json } from './styled-yaml.ts'

type Spec = { readonly http: readonly { readonly [key: string]: Json }[]; readonly [key: string]: Json }

/** A document with its `http` changed. */
function edited(text: string, change: (http: Spec['http']) => Json): string {
  const root =
    (text.startsWith('{') ? new FlowReader(text, { json: true }).readAll() : undefined) ?? readFull(text)
  const value = valueOf(root) as Spec
  return withValue(text, root, { ...value, http: change(value.http) })
}

const copied = (http: Spec['http']): Json => [{ name: 'new', ...http[0]! }, ...http]

test('an item is laid out like its siblings, not like another list', () => {
  assert.equal(
    edited('hosts:\n  - a\nhttp:\n- match:\n  - uri: /a\n  route:\n  - host: a\n', copied),
    'hosts:\n  - a\nhttp:\n- name: new\n  match:\n  - uri: /a\n  route:\n  - host: a\n- match:\n  - uri: /a\n  route:\n  - host: a\n',
  )
  assert.equal(
    edited('hosts:\n- a\nhttp:\n  -   match:\n        -   uri:\n                exact: /a\n', copied),
    'hosts:\n- a\nhttp:\n  -   name: new\n      match:\n        -   uri:\n                exact: /a\n  -   match:\n        -   uri:\n                exact: /a\n',
  )
})

test('a copy keeps quotes, folded lines and flow style', () => {
  const route = [
    'agent: ".*Mobile.*"',
    "  path: '/a'",
    '  digits: "/\\\\d+"',
    '  why: >-',
    '    a text',
    '    over lines',
    '  more: "in quotes',
    '    over lines"',
    '  to: [ {host: "a"} ]',
    '',
  ].join('\n')
  assert.equal(edited(`http:\n- ${route}`, copied), `http:\n- name: new\n  ${route}- ${route}`)
})

test('a key that is elsewhere too is written as it is there', () => {
  assert.equal(
    edited(`http:\n- subset: 'v1'\n  labels: {version: v1}\n- name: b\n`, ([first, second]) => [
      first!,
      { ...second!, subset: 'v2', labels: { version: 'v2' } },
    ]),
    `http:\n- subset: 'v1'\n  labels: {version: v1}\n- name: b\n  subset: 'v2'\n  labels: {version: v2}\n`,
  )
})

test('a value that moves to another key keeps its flow style', () => {
  assert.equal(
    edited('http:\n- route:\n  - host: a\n  mirrors:\n  - destination: {host: audit}\n', ([first]) => [
      { route: first!['route']!, mirror: { host: 'audit' } },
    ]),
    'http:\n- route:\n  - host: a\n  mirror: {host: audit}\n',
  )
})

test('blank lines between siblings surround a new one, and go with it', () => {
  const text = 'http:\n# first\n- name: a\n\n# second\n- name: b\n'
  const there = edited(text, ([a, b]) => [{ name: 'x' }, a!, { name: 'w' }, b!, { name: 'z' }])
  assert.equal(
    there,
    'http:\n- name: x\n\n# first\n- name: a\n\n- name: w\n\n# second\n- name: b\n\n- name: z\n',
  )
  assert.equal(
    edited(there, http => http.filter(({ name }) => name === 'a' || name === 'b')),
    text,
  )
})

test('an item of siblings in flow style is in flow style, with their spaces, on one line or over lines', () => {
  assert.equal(
    edited('http:\n- { route: [ a ] }\n', copied),
    'http:\n- { name: new, route: [ a ] }\n- { route: [ a ] }\n',
  )
  assert.equal(
    edited('http: [\n  {\n    route: [a]\n  }\n]\n', copied),
    'http: [\n  {\n    name: new,\n    route: [a]\n  },\n  {\n    route: [a]\n  }\n]\n',
  )
})

test('what is added to JSON has its short lists and spaces', () => {
  assert.equal(
    edited('{\n\t"http": [\n\t\t{\n\t\t\t"route": ["a"]\n\t\t}\n\t]\n}\n', copied),
    '{\n\t"http": [\n\t\t{\n\t\t\t"name": "new",\n\t\t\t"route": ["a"]\n\t\t},\n\t\t{\n\t\t\t"route": ["a"]\n\t\t}\n\t]\n}\n',
  )
  assert.equal(
    edited('{"http":[{"route":["a"]}],"x":1}', ([first]) => [{ ...first!, name: 'new', a: { b: [1, 2] } }]),
    '{"http":[{"route":["a"],"name":"new","a":{"b":[1,2]}}],"x":1}',
  )
})
