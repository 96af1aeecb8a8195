/** The printable report of a case: one page of HTML without scripts, its style named by digest in its own policy. */
import { createHash } from 'node:crypto'
import type { Case, Finding } from '../../kit/case/contract.ts'
import type { EcgAnswer, EcgInput } from '../contract.ts'
import { clock } from '../findings/finding.ts'
import { dictionary } from '../findings/words.ts'
import { escapeHtml as esc, stripSvg } from './strip.ts'
import { reportWords } from './words.ts'

export interface ReportWish {
  readonly language: 'en' | 'zh'
  /** The project's title. */
  readonly project: string
  readonly shown: Case
  readonly input: EcgInput
  readonly answer: EcgAnswer
  readonly calibrated: boolean
}

/** A4 across holds 10 s at 25 mm/s. */
const stripSeconds = 10

const style = `
@page { size: A4 landscape; margin: 12mm }
body { font: 10pt/1.4 "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; color: #111; margin: 0 auto; max-width: 270mm; padding: 4mm }
h1 { font-size: 15pt; margin: 0 } h2 { font-size: 11pt; margin: 5mm 0 1mm; break-after: avoid }
header p { margin: 1mm 0; color: #444 }
.marks { list-style: none; display: flex; flex-wrap: wrap; gap: 2mm; margin: 2mm 0; padding: 0 }
.marks li { border: 0.4mm solid #8a5a00; color: #6b4500; padding: 0.5mm 2mm; font-weight: bold }
dl { display: grid; grid-template-columns: max-content 1fr max-content 1fr; gap: 0.5mm 4mm; margin: 0 } dt { color: #555 } dd { margin: 0; overflow-wrap: anywhere }
svg { display: block; max-width: 100%; border: 0.2mm solid #e08f8f } svg text { font-family: inherit }
table { border-collapse: collapse; width: 100% } th, td { border-bottom: 0.2mm solid #bbb; text-align: left; vertical-align: top; padding: 1mm 2mm } tr { break-inside: avoid }
.rejected .title { text-decoration: line-through } .title { font-weight: bold }
.critical, .urgent { color: #b00020; font-weight: bold }
.small, footer { font-size: 8pt; color: #444 } .digest { font-family: ui-monospace, monospace; font-size: 7.5pt }
`

export function reportPage(wish: ReportWish): { html: string; contentSecurityPolicy: string } {
  const { language, shown, answer } = wish
  const say = reportWords[language]
  const html = `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head><meta charset="utf-8"><title>${esc(say.title)} ${shown.id}</title><style>${style}</style></head>
<body>
<header><h1>${esc(say.title)}</h1><p>${esc(wish.project)} · ${esc(say.support)}</p>${marks(wish)}</header>
${list([
  [say.case, shown.id],
  [say.subject, shown.subject ?? say.none],
  [say.recording, `${clock(answer.durationS)}, ${answer.fs} Hz, ${answer.leads.map(({ name }) => name).join(', ')}`],
  [say.source, shown.input.source],
  [say.rate, answer.rate.meanBpm === null ? say.unknown : `${Math.round(answer.rate.meanBpm)}${say.perMinute}`],
  [say.beats, countsOf(answer)],
  [say.readable, `${Math.round(100 * answer.readableShare)} %`],
  [say.answered, minute(shown.answeredAt)],
])}
<h2>${esc(say.strip)}</h2>
${strip(wish)}
<p class="small">${esc(say.paper)}${wish.calibrated ? '' : ` · ${esc(say.uncalibrated)}`}</p>
<h2>${esc(say.findings)}</h2>
${findingsTable(wish)}
${decisionPart(wish)}
<h2>${esc(say.limits)}</h2>
<ul class="small">${shown.limits[language].map((line) => `<li>${esc(line)}</li>`).join('')}</ul>
<footer><h2>${esc(say.provenance)}</h2>${list([
    [say.model, shown.modelLabel],
    [say.release, shown.releaseId],
    [say.weights, shown.weightsSha256],
    [say.inputDigest, shown.inputSha256],
    [say.answerDigest, shown.answerSha256 ?? say.none],
    [say.statement, shown.decisions.at(-1)?.statementSha256 ?? say.none],
  ])}</footer>
</body></html>
`
  const digest = createHash('sha256').update(style).digest('base64')
  const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${digest}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`
  return { html, contentSecurityPolicy }
}

function marks({ language, shown }: ReportWish): string {
  const say = reportWords[language]
  const said = [
    ...(shown.isSynthetic ? [say.synthetic] : []),
    ...(shown.isModelSynthetic ? [say.syntheticModel] : []),
    ...(shown.isDemo ? [say.demo] : []),
    ...(shown.stage === 'live' ? [] : [say.stage[shown.stage]]),
    ...(shown.state === 'decided' ? [] : [say.undecided]),
  ]
  return said.length === 0 ? '' : `<ul class="marks">${said.map((text) => `<li>${esc(text)}</li>`).join('')}</ul>`
}

function list(rows: readonly (readonly [string, string])[]): string {
  const isDigest = (text: string) => /^[0-9a-f-]{36,}$/.test(text)
  const cells = rows.map(
    ([name, value]) => `<dt>${esc(name)}</dt><dd${isDigest(value) ? ' class="digest"' : ''}>${esc(value)}</dd>`,
  )
  return `<dl>${cells.join('')}</dl>`
}

function countsOf({ beats, rhythm }: EcgAnswer): string {
  const kinds = Object.entries(rhythm.counts).filter(([, count]) => count > 0)
  return `${beats.length} (${kinds.map(([kind, count]) => `${kind} ${count}`).join(', ')})`
}

/** Around the first place of the most urgent finding that stands, else at the start. */
function strip({ language, shown, input, answer }: ReportWish): string {
  const top = shown.findings.find(({ state, pointers }) => state !== 'rejected' && pointers.length > 0)
  const place = top?.pointers[0]
  const middle = place === undefined ? stripSeconds / 2 : Math.min((place.startS + place.endS) / 2, place.startS + 4)
  const startS = Math.max(0, Math.min(middle - stripSeconds / 2, answer.durationS - stripSeconds))
  const endS = Math.min(startS + stripSeconds, answer.durationS)
  const used = answer.leads.filter((lead) => lead.used).map(({ name }) => name)
  return stripSvg({
    input,
    beats: answer.beats,
    marked: new Set(place?.beats ?? []),
    startS,
    endS,
    title: `${reportWords[language].strip}: ${clock(startS)} – ${clock(endS)}`,
    leads: used.length > 0 ? used : answer.leads.map(({ name }) => name),
  })
}

function findingsTable({ language, shown }: ReportWish): string {
  const say = reportWords[language]
  if (shown.findings.length === 0) return `<p>${esc(say.noFindings)}</p>`
  return `<table><tbody>${shown.findings.map((finding) => findingRow(finding, language)).join('')}</tbody></table>`
}

function findingRow(finding: Finding, language: 'en' | 'zh'): string {
  const say = reportWords[language]
  const { edit, rank, state } = finding
  const severity = edit?.severity ?? finding.severity
  const words = finding.words[language]
  const changed = Object.entries(dictionary).find(([code]) => code === edit?.code)?.[1]
  const title = changed === undefined ? words.title : `${changed[language]} (${words.title})`
  const places = finding.pointers.slice(0, 5).map(({ startS }) => clock(startS))
  const edited = edit?.text === undefined ? '' : ` ${edit.text}`
  return `<tr class="${state}"><td>${rank}</td><td class="${severity}">${esc(say.severity[severity])}</td>
<td><span class="title">${esc(title)}</span><br>${esc(words.detail)}${esc(edited)}${places.length === 0 ? '' : `<br><span class="small">${esc(places.join(' · '))}</span>`}</td>
<td>${esc(say.sureness[finding.sureness])}${finding.confidence === null ? '' : ` (${finding.confidence.toFixed(2)})`}</td><td>${esc(say.state[state])}</td></tr>`
}

function decisionPart({ language, shown }: ReportWish): string {
  const say = reportWords[language]
  const decision = shown.decisions.at(-1)
  if (decision === undefined) return ''
  const who = decision.decidedBy.name ?? decision.decidedBy.id
  const kept = decision.correctionSnapshotId === null ? '' : ` ${esc(say.beatsCorrected)}`
  return `<h2>${esc(say.decision)}</h2>
<p><strong>${esc(say.outcome[decision.outcome])}</strong> · ${esc(say.by)} ${esc(who)} · ${minute(decision.decidedAt)}.${kept} ${esc(decision.note)}</p>`
}

/** UTC to the minute; a dash where there is none. */
function minute(at: string | null): string {
  return at === null ? '–' : `${at.slice(0, 16).replace('T', ' ')} UTC`
}
