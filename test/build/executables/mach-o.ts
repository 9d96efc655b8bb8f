/** Signatures of macOS programs, by loader.h and cs_blobs.h of Apple's xnu. */
import { createHash } from 'node:crypto'

const header = { size: 32, commands: 16, sizeOfCommands: 20 } as const
const magic64 = 0xfeedfacf
const segment64 = 0x19
const codeSignature = 0x1d
const codeDirectory = 0xfade0c02

interface LoadCommand {
  readonly kind: number
  readonly at: number
  readonly size: number
}

function commandsOf(file: Buffer): readonly LoadCommand[] {
  if (file.readUInt32LE(0) !== magic64) throw new Error('this is no 64-bit Mach-O file')
  const commands: LoadCommand[] = []
  let at: number = header.size
  for (let i = 0; i < file.readUInt32LE(header.commands); i++) {
    const size = file.readUInt32LE(at + 4)
    commands.push({ kind: file.readUInt32LE(at), at, size })
    at += size
  }
  return commands
}

/**
 * The file without its signature, as `codesign --remove-signature` leaves it. For Intel, Bun leaves the signature of the Bun that it
 * copied, which does not hold for the executable; a wrong signature can stop a program there, none cannot.
 */
export function withoutSignature(file: Buffer): Buffer {
  const commands = commandsOf(file)
  const signature = commands.find(({ kind }) => kind === codeSignature)
  if (signature === undefined) return file
  const linkEdit = commands.find(
    ({ kind, at }) => kind === segment64 && file.toString('latin1', at + 8, at + 18) === '__LINKEDIT',
  )
  const end = file.readUInt32LE(signature.at + 8)
  if (
    linkEdit === undefined
    || signature !== commands.at(-1)
    || end + file.readUInt32LE(signature.at + 12) !== file.length
  )
    throw new Error('the signature is not at the end of the file, where it can be taken off')
  const bare = Buffer.from(file.subarray(0, end))
  bare.fill(0, signature.at, signature.at + signature.size)
  bare.writeUInt32LE(commands.length - 1, header.commands)
  bare.writeUInt32LE(file.readUInt32LE(header.sizeOfCommands) - signature.size, header.sizeOfCommands)
  const size = BigInt(end) - file.readBigUInt64LE(linkEdit.at + 40)
  bare.writeBigUInt64LE(size, linkEdit.at + 48)
  return bare
}

/**
 * Whether the signature of a file holds for its bytes; nothing where there is none. Apple's processors start no program without one that
 * does. Who signed it is not asked.
 */
export function holdsSignature(file: Buffer): boolean | undefined {
  const signature = commandsOf(file).find(({ kind }) => kind === codeSignature)
  if (signature === undefined) return undefined
  const blobs = file.readUInt32LE(signature.at + 8)
  const directories = Array.from(
    { length: file.readUInt32BE(blobs + 8) },
    (_, i) => blobs + file.readUInt32BE(blobs + 16 + 8 * i),
  ).filter(at => file.readUInt32BE(at) === codeDirectory)
  return directories.length > 0 && directories.every(at => holdsDirectory(file, at))
}

/** A code directory holds the SHA-256 of each page. */
function holdsDirectory(file: Buffer, at: number): boolean {
  const [hashes, pages, limit] = [at + 16, at + 28, at + 32].map(field => file.readUInt32BE(field)) as [
    number,
    number,
    number,
  ]
  const [hashSize, pageSize] = [file.readUInt8(at + 36), 2 ** file.readUInt8(at + 39)]
  return Array.from({ length: pages }, (_, i) => i).every(i => {
    const page = file.subarray(i * pageSize, Math.min((i + 1) * pageSize, limit))
    const expected = file.subarray(at + hashes + i * hashSize, at + hashes + (i + 1) * hashSize)
    return createHash('sha256').update(page).digest().equals(expected)
  })
}
