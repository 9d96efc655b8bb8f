/** Compiled code, by the file that it was compiled from. */
export type Code = Readonly<Record<string, Buffer>>

/** What is kept of one kind of command, and in how many runs it was collected. */
export interface KeptCode {
  readonly code: Code
  readonly runs: number
}

interface PartList {
  readonly runs: number
  readonly parts: readonly { readonly file: string; readonly bytes: number; readonly check: number }[]
}

/** Where parts begin, in bytes: V8 copies code that lies elsewhere, and so would `checkOf`. */
const alignment = 8

/** As one file: a line of JSON that says which parts follow, and the parts. */
export function packed({ code, runs }: KeptCode): Buffer {
  const parts = Object.entries(code).map(([file, data]) => ({
    file,
    bytes: data.length,
    check: checkOf(data),
  }))
  const list: PartList = { runs, parts }
  const text = JSON.stringify(list)
  const pieces: Buffer[] = [Buffer.from(`${text}${' '.repeat(gapAfter(Buffer.byteLength(text) + 1))}\n`)]
  for (const data of Object.values(code)) pieces.push(Buffer.alloc(gapAfter(pieces.at(-1)!.length)), data)
  return Buffer.concat(pieces)
}

/** The opposite of `packed`. A part that is not what was written throws: V8 checks little of what it is given. */
export function unpacked(data: Buffer): KeptCode {
  const start = data.indexOf('\n') + 1
  const { runs, parts } = JSON.parse(data.toString('utf8', 0, start)) as PartList
  const code: Record<string, Buffer> = {}
  let at = start
  for (const { file, bytes, check } of parts) {
    const part = data.subarray(at, at + bytes)
    if (part.length !== bytes || checkOf(part) !== check) throw new Error(`${file} is damaged`)
    code[file] = part
    at += bytes + gapAfter(bytes)
  }
  return { code, runs }
}

const gapAfter = (bytes: number): number => -bytes & (alignment - 1)

const page = 4096

/**
 * A hash (FNV-1a, by 32-bit words) of one word of each page, as file systems write pages, and lose these when a machine stops.
 * One of all bytes would need `node:zlib`, which takes 2 ms to load.
 */
function checkOf(data: Buffer): number {
  // Not by `readInt32LE`, which checks what it is given: nothing is compiled yet. Words are read where they are aligned alone.
  const { buffer, byteOffset, length } = data.byteOffset % 4 === 0 ? data : new Uint8Array(data)
  const words = new Int32Array(buffer, byteOffset, length >> 2)
  let hash = 0x811c9dc5
  for (let at = 0; at < words.length; at += page / 4) hash = Math.imul(hash ^ words[at]!, 0x01000193)
  return hash
}
