/** Turns the chunks of the plugin into CommonJS, so that its loader can keep what it compiles of them. esbuild splits ES modules only. */
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { transform } from 'esbuild'

/** Replaces each `.mjs` of a folder by a `.cjs` that requires the other chunks, those that are imported late when they are reached. */
export async function chunksAsCommonJs(folder: string): Promise<void> {
  const chunks = (await readdir(folder)).filter(name => name.endsWith('.mjs'))
  await Promise.all(chunks.map(name => asCommonJs(folder, name)))
}

async function asCommonJs(folder: string, name: string): Promise<void> {
  const text = await readFile(join(folder, name), 'utf8')
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node22.19',
    charset: 'ascii',
    minifySyntax: true,
    minifyWhitespace: true,
    supported: { 'dynamic-import': false },
  })
  await writeFile(
    join(folder, name.replace(/mjs$/, 'cjs')),
    code.replace(/(require\("\.\/[\w-]+)\.mjs"/g, '$1.cjs"'),
  )
  await rm(join(folder, name))
}

/** A name for what a folder holds: another one for any other content. */
export async function nameOfBuild(folder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const name of (await readdir(folder)).toSorted())
    hash.update(`${name}\0`).update(await readFile(join(folder, name)))
  return hash.digest('hex').slice(0, 12)
}
