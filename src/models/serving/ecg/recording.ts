import { readRecording } from '../../../data/index.ts'
import { ecgRequest } from '../../ecg/contract.ts'
import type { EcgInput } from '../../ecg/pipeline.ts'
import { issueOf } from '../../version/issue.ts'
import { problem } from '../../problems.ts'
import { textOf } from '../../runtimes/tensor.ts'
import type { RecordingSent } from './messages.ts'

/** What the pipeline takes, out of any form of a recording. */
export async function ecgInputOf(recording: RecordingSent): Promise<EcgInput> {
  if (recording.form === 'samples') return recording.input
  return recording.form === 'json' ? fromJson(recording.body) : fromFiles(recording.files)
}

function fromJson(body: Uint8Array): EcgInput {
  const text = textOf(body)
  if (text === null) throw problem('models.recording-json', { issue: 'it is not UTF-8' })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw problem('models.recording-json', { issue: 'it is not JSON' }, error)
  }
  const parsed = ecgRequest.safeParse(value)
  if (!parsed.success) throw problem('models.recording-json', { issue: issueOf(parsed.error) })
  const { fs, leads, beatsAt } = parsed.data
  return {
    fs,
    leads: leads.map(({ name, samplesMv }) => ({
      name,
      samplesMv: Float32Array.from(samplesMv, (value) => value ?? Number.NaN),
    })),
    ...(beatsAt === undefined ? {} : { beatsAt }),
  }
}

/**
 * The ECG leads of one WFDB record: its voltages at the recording's own rate, the first 12 as `evaluate` takes them. Other
 * signals beside them are left out.
 */
async function fromFiles(files: ReadonlyMap<string, Uint8Array>): Promise<EcgInput> {
  const headers = [...files.keys()].filter((name) => name.endsWith('.hea') && !name.includes('/'))
  // The segments of a record in several files have headers of their own, named after it: the record's is the shortest.
  const [first] = headers.toSorted((a, b) => a.length - b.length)
  const name = first?.slice(0, -'.hea'.length)
  if (first === undefined || name === undefined || headers.some((other) => !other.startsWith(name)))
    throw problem('models.recording-files', { count: headers.length })
  const { fs, leads } = await readRecording({ files, name: first }, { annotator: null })
  const ecg = leads.filter((lead) => lead.physicalUnit === 'mV' && lead.samplesPerFrame === 1).slice(0, 12)
  if (ecg.length === 0)
    throw problem('models.recording-no-ecg', { signals: leads.map((lead) => `${lead.name} (${lead.unit})`).join(', ') })
  return { fs, leads: ecg.map((lead) => ({ name: lead.name, samplesMv: lead.physical() })) }
}
