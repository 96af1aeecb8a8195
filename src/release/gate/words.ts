import type { GateReason } from '../../statistics/index.ts'
import type { EvidenceKind } from '../policy/contract.ts'

/** The same in both languages of the product. */
export interface Both {
  readonly en: string
  readonly zh: string
}

/**
 * A statement has one text where people read two languages: English, a line break, Chinese. So that what was signed can be
 * read by whoever has to, and neither is a translation made afterwards.
 */
export function signedText({ en, zh }: Both): string {
  // A reason that somebody typed may hold breaks of its own.
  return `${en.replace(/\s+/g, ' ')}\n${zh.replace(/\s+/g, ' ')}`
}

/** One language of a signed text; the whole of it where another party wrote it in one. */
export function textIn(text: string, language: 'en' | 'zh'): string {
  const [en = '', zh] = text.split('\n')
  return language === 'zh' ? (zh ?? en) : en
}

export const kindWords: Readonly<Record<EvidenceKind | 'gate' | 'approval' | 'release', Both>> = {
  snapshot: { en: 'data snapshot', zh: '数据快照' },
  training: { en: 'training', zh: '训练' },
  'evaluation-plan': { en: 'evaluation plan', zh: '评测计划' },
  evaluation: { en: 'evaluation', zh: '评测' },
  gate: { en: 'gate', zh: '关卡' },
  approval: { en: 'approval', zh: '批准' },
  release: { en: 'release', zh: '发布' },
  decision: { en: 'clinical decision', zh: '临床决定' },
}

export const stageWords: Readonly<Record<string, Both>> = {
  proposed: { en: 'proposed', zh: '已提出' },
  shadow: { en: 'shadow', zh: '影子运行' },
  pilot: { en: 'pilot', zh: '试点' },
  live: { en: 'live', zh: '正式使用' },
  withdrawn: { en: 'withdrawn', zh: '已撤回' },
}

/** Why an interval does not pass: the reasons of judgeGate. */
export const reasonWords: Readonly<Record<Exclude<GateReason, 'ok'>, Both>> = {
  bound: { en: 'the interval does not reach it', zh: '置信区间未达到要求' },
  'no interval': { en: 'there is no interval', zh: '没有置信区间' },
  'too few groups': { en: 'too few groups carry it', zh: '独立组数不足' },
  unscored: { en: 'samples could not be scored', zh: '有样本无法评分' },
}

const partyWords: Readonly<Record<string, string>> = {
  hospital: '医院',
  company: '企业',
  research: '科研机构',
  government: '政府部门',
}

/** A list of parties as a policy names them. */
export function partiesText(parties: readonly string[]): Both {
  if (parties.length === 0) return { en: 'any organisation', zh: '任何机构' }
  return { en: parties.join(', '), zh: parties.map((party) => partyWords[party] ?? party).join('、') }
}

/** Joined into one line. */
export function joined(parts: readonly Both[], between: Both = { en: '; ', zh: '；' }): Both {
  return { en: parts.map((one) => one.en).join(between.en), zh: parts.map((one) => one.zh).join(between.zh) }
}

export function both(en: string, zh: string): Both {
  return { en, zh }
}

/** A figure with four digits after the point at most; the value itself is judged, never this text. */
export function figureText(value: number | null): string {
  return value === null ? '–' : String(Number(value.toFixed(4)))
}
