/** Turns the chunks of the plugin into CommonJS, so that its loader can keep what it compiles of them. esbuild splits ES modules only. */
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'

/** Replaces each `.mjs` of a folder by a `.cjs` that requires the other chunks, those that are imported late when they are reached. */
export async function chunksAsCommonJs(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter(name => name.endsWith('.mjs'))
  const texts = new Map(
    await Promise.all(names.map(async name => [name, await readFile(join(folder, name), 'utf8')] as const)),
  )
  for (const [name, text] of texts) {
    await writeFile(join(folder, name.replace(/mjs$/, 'cjs')), asCommonJs(name, text, texts))
    await rm(join(folder, name))
  }
}

/**
 * A chunk as esbuild prints it, as the function that the loader calls. What it exports are plain values that importers take once: for each use of
 * what another chunk exports, esbuild itself would have two getters asked, which a short command does thousands of times. Plain values are the same
 * as long as chunks do not import each other in a circle, which esbuild's do not (a chunk is imported by those of fewer entry points), and no
 * module assigns to what it exports.
 *
 * A chunk that is only shared gives an array in the order of its export statement, as an object of hundreds of properties takes long to make.
 * Throws where a chunk is of another form.
 */
export function asCommonJs(name: string, text: string, chunks: ReadonlyMap<string, string>): string {
  let head = ''
  let rest = text
  for (;;) {
    const [statement, words, from = ''] = /^import(?:\{([^}]*)\}from)?"([^"]+)";/.exec(rest) ?? []
    if (statement === undefined) break
    head += importing(words, from, chunks.get(from.replace('./', '')))
    rest = rest.slice(statement.length)
  }
  const made = exportsOf(text).map(([own, as]) => (isShared(name) ? own : `${as}:${own}`))
  const body = rest
    .replace(
      namedExports,
      () => `module.exports=${isShared(name) ? `[${made.join()}]` : `{${made.join()}}`};`,
    )
    .replace(/export default ([\w$]+\(\));\s*$/, 'module.exports={default:$1};')
    .replaceAll(/\bimport\("((?:\.\/[\w.-]+\.mjs|node:[\w/]+))"\)/g, (_, id: string) => `late(${fileOf(id)})`)
  return asFunction(name, head + body)
}

const namedExports = /export\{([^{}]*)\};\s*$/

/** What no module imports late, but others that are loaded. */
const isShared = (name: string): boolean => /^chunk-[A-Z0-9]{8}\.mjs$/.test(name)

/** Each export: the name in the chunk, and that for others. */
const exportsOf = (text: string): readonly (readonly [string, string])[] =>
  (namedExports.exec(text)?.[1] ?? '').split(',').map(word => {
    const [own = '', as = own] = word.split(' as ')
    return [own, as]
  })

function importing(words: string | undefined, from: string, chunk: string | undefined): string {
  const required = `require(${fileOf(from)})`
  if (words === undefined) return `${required};`
  const exported = chunk === undefined ? [] : exportsOf(chunk).map(([, as]) => as)
  const taken = words.split(',').map(word => {
    const [theirs = '', own = theirs] = word.split(' as ')
    if (!isShared(from.replace('./', ''))) return `${own}=$$from.${theirs}`
    const at = exported.indexOf(theirs)
    if (at < 0) throw new Error(`${from} does not export ${theirs}`)
    return `${own}=$$from[${at}]`
  })
  // Variables, as a constant is checked at each use whether it has its value yet.
  return `var $$from=${required},${taken.join()};`
}

const fileOf = (id: string): string => JSON.stringify(id.replace(/\.mjs$/, '.cjs'))

/** What the loader calls, strict as modules are. What is left of an import or export is a syntax error. */
function asFunction(filename: string, printed: string): string {
  const words = ['module', 'require', 'late']
  const code = asAscii(printed)
  compileFunction(`"use strict";${code}`, words, { filename })
  return `(function(${words.join()}){"use strict";${code}\n})`
}

/** The loader takes each byte for a character. esbuild leaves regular expressions as they were written, and escapes all else. */
const asAscii = (code: string): string =>
  code.replaceAll(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Makes the parts that are CommonJS already what the loader calls. */
export async function latePartsAsFunctions(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter(file => file.startsWith('late-')))
    await writeFile(join(folder, name), asFunction(name, await readFile(join(folder, name), 'utf8')))
}

/** A name for what a folder holds: another one for any other content. */
export async function nameOfBuild(folder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const name of (await readdir(folder)).toSorted())
    hash.update(`${name}\0`).update(await readFile(join(folder, name)))
  return hash.digest('hex').slice(0, 12)
}
