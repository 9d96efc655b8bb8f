import { readPipes } from '../files/read-pipe.ts'
import { readFiles, type Root, type SourceFile } from './files/find-files.ts'
import type { Skipped } from '../view/sources.ts'
import type { ManifestObject } from './manifest.ts'
import { DocumentReader, type Found } from './read-document.ts'
import { sectionsOf, type SectionReader } from './yaml/documents.ts'

/** All that the paths hold. */
export interface Manifests {
  readonly roots: readonly Root[]
  readonly files: readonly SourceFile[]
  readonly objects: readonly ManifestObject[]
  readonly skipped: readonly Skipped[]
  /** Sentences for people about what is read, but not as they may think. */
  readonly notes: readonly string[]
}

export interface ReadOptions {
  readonly paths: readonly string[]
  readonly stdin: string
  readonly namespace: string
  readonly reader: SectionReader
}

/** Reads every manifest under the paths. What cannot be read is told in `skipped` and stops nothing else. */
export async function readManifests({ paths, stdin, namespace, reader }: ReadOptions): Promise<Manifests> {
  const { roots, files, unread } = readFiles(paths, stdin, await readPipes(paths))
  const { skipped, ...found } = await readTexts(files, { namespace, reader })
  const unreadable = unread.map(({ file, reason }): Skipped => ({ why: 'broken', file, reason }))
  return { roots, files, ...found, skipped: [...unreadable, ...skipped] }
}

/** Reads the manifests in texts that are at hand. */
export async function readTexts(
  files: readonly SourceFile[],
  { namespace, reader }: Pick<ReadOptions, 'namespace' | 'reader'>,
): Promise<Found> {
  const found: Found = { objects: [], skipped: [], notes: [] }
  for (const file of files) {
    for (const section of sectionsOf(file.text)) {
      const document = new DocumentReader({ file, section, namespace, found })
      if (document.isForeign()) continue
      try {
        // Waits only for what the fast readers leave.
        document.take(reader.readNow(document.text) ?? (await reader.read(document.text)))
      } catch (error) {
        document.skip(error)
      }
    }
  }
  return found
}
