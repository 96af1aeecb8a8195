import { type FileSet, isInsideFolder } from '../files.ts'
import type { Reader } from '../reader.ts'
import { versionOf } from './header.ts'
import { openIn } from './record.ts'

/** EDF and EDF+ (16 bits), BDF and BDF+ (24 bits): one file, as from EEG and polysomnography recorders. */
export const edf: Reader = { id: 'edf', title: 'EDF, BDF (.edf, .bdf)', claims, open: openIn }

async function claims(files: FileSet, name: string): Promise<boolean> {
  if (!isInsideFolder(name) || (await files.sizeBytes(name)) === null) return false
  return versionOf(await files.read(name, 0, 8)) !== null
}
