/** The recording behind a case: found in a snapshot or taken from an upload, and read for the model or the eye. */
import {
  encodeRecord,
  isSafePath,
  isSynthetic,
  type Lead,
  leadOf,
  type Manifest,
  type Recording,
  readRecording,
} from '../../../data/index.ts'
import type { Kernel } from '../../../kernel/index.ts'
import type { CaseInput } from '../../kit/case/contract.ts'
import type { EcgInput } from '../contract.ts'
import { problem } from '../problems.ts'

/** 24 h of two leads at 360 Hz in 16 bits are 124 MB. */
export const recordingLimitBytes = 160 * 2 ** 20
const missing16 = -32768

type InputFiles = CaseInput['files']

/**
 * The files of a snapshot that make up a record: an EDF file alone, or a WFDB header with the files its lines begin
 * with, also those of segments. Annotations are left out, so that no reference labels come near a case.
 */
export async function filesInSnapshot(kernel: Kernel, manifest: Manifest, record: string): Promise<InputFiles> {
  const byPath = new Map(manifest.files.map((file) => [file.path, file]))
  const found: Map<string, InputFiles[number]> = new Map()
  const take = async (path: string): Promise<boolean> => {
    const file = byPath.get(path)
    if (file === undefined) return false
    if (found.has(path)) return true
    found.set(path, { name: path, sha256: file.sha256, sizeBytes: file.sizeBytes })
    if (!path.endsWith('.hea')) return true
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    const header = (await kernel.objects.read(file.sha256)).toString('latin1')
    for (const line of header.split(/\r?\n/).slice(1)) {
      const name = /^[^#\s]+/.exec(line)?.[0]
      if (name === undefined || name === '~') continue
      if (!(await take(folder + name))) await take(`${folder}${name}.hea`)
    }
    return true
  }
  const isThere = isSafePath(record) && ((await take(`${record}.hea`)) || (await take(record)))
  if (!isThere) throw problem('apps.ecg-record-missing', { record })
  const files = [...found.values()]
  holdLimit(files.reduce((sum, file) => sum + file.sizeBytes, 0))
  return files
}

export function holdLimit(sizeBytes: number): void {
  if (sizeBytes > recordingLimitBytes) {
    throw problem('apps.ecg-recording-large', { sizeBytes, limitBytes: recordingLimitBytes })
  }
}

export interface TakenUpload {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly name: string
  readonly isSynthetic: boolean
}

/**
 * What is kept of an upload: its voltage leads as a WFDB record of our own naming. File names, dates and the free text of
 * headers, where names and numbers of people stand, do not enter the base.
 */
export async function takeUpload(files: ReadonlyMap<string, Uint8Array>): Promise<TakenUpload> {
  const headers = [...files.keys()].filter((name) => name.endsWith('.hea'))
  const [name] = headers.length > 0 ? headers : files.keys()
  if (name === undefined) throw problem('apps.ecg-upload', { reason: 'it has no file' })
  if (headers.length > 1) throw problem('apps.ecg-upload', { reason: `${headers.length} headers` })
  if (headers.length === 0 && files.size > 1) throw problem('apps.ecg-upload', { reason: 'several files, no header' })
  const read = await readRecording({ files, name }, { annotator: null })
  return { files: encodeRecord(plainRecording(read, 'recording')), name: 'recording', isSynthetic: isSynthetic(read) }
}

/** The voltage leads of one rate, with no name, date or free text; 16 bits, as WFDB's writer holds them. */
export function plainRecording(recording: Recording, id: string): Recording {
  const leads = voltageLeads(recording)
  const perFrame = leads[0]?.samplesPerFrame ?? 1
  const fs = recording.fs * perFrame
  return {
    id,
    fs,
    sampleCount: recording.sampleCount * perFrame,
    leads: leads.map((lead) => plainLead(lead, fs)),
    comments: isSynthetic(recording) ? ['synthetic: true'] : [],
    subject: { ageYears: null, sex: null },
  }
}

/** Those of the same rate as the first: the model reads leads of one length. */
function voltageLeads(recording: Recording): Lead[] {
  const voltages = recording.leads.filter(({ physicalUnit }) => physicalUnit === 'mV')
  const first = voltages[0]
  if (first === undefined) throw problem('apps.ecg-no-voltage')
  return voltages.filter(({ samplesPerFrame }) => samplesPerFrame === first.samplesPerFrame)
}

function plainLead(lead: Lead, fs: number): Lead {
  const info = { ...lead, name: lead.name.replace(/\s+/g, ' ').trim().slice(0, 40), samplesPerFrame: 1, fs }
  const fits = lead.adc instanceof Int16Array && Number.isInteger(lead.baseline)
  if (fits && (lead.missing === missing16 || !lead.adc.includes(missing16))) return leadOf(info, lead.adc, lead.missing)
  // wider samples or a baseline between two of them: 1 µV a step, coarser only where the span would not fit
  const physical = lead.physical()
  const largest = physical.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0)
  const gain = Math.min(1000, largest > 0 ? 32000 / largest : 1000)
  const adc = Int16Array.from(physical, (value) => (Number.isFinite(value) ? Math.round(value * gain) : missing16))
  return leadOf({ ...info, unit: 'mV', physicalUnit: 'mV', gain, baseline: 0 }, adc, missing16)
}

/** The case's recording in memory, every file verified against its digest. */
export async function readCaseRecording(kernel: Kernel, input: CaseInput): Promise<Recording> {
  const files = new Map<string, Uint8Array>()
  for (const { name, sha256 } of input.files) files.set(name, await kernel.objects.read(sha256))
  return readRecording({ files, name: input.name }, { annotator: null })
}

/** What the model is asked with: millivolts, NaN where there is no value. */
export function inputOf(recording: Recording): EcgInput {
  const leads = voltageLeads(recording)
  return {
    fs: recording.fs * (leads[0]?.samplesPerFrame ?? 1),
    leads: leads.map((lead) => ({ name: lead.name, samplesMv: lead.physical() })),
  }
}
