import type { Reader } from '../reader.ts'
import { isRecord, openIn } from './record.ts'

/** WFDB: a text header (.hea), signal files and annotation files, as on PhysioNet. */
export const wfdb: Reader = { id: 'wfdb', title: 'WFDB (.hea)', claims: isRecord, open: openIn }
