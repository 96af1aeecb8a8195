import type { Predicate } from '../../kernel/index.ts'
import { isAbout, saidAs, snapshotNames, type Verified } from '../gate/statements.ts'
import { figureText } from '../gate/words.ts'
import { type Html, html } from './html.ts'
import type { PageWords } from './page-words.ts'
import { minuteOf } from '../gate/instant.ts'

type Evaluation = Predicate<'evaluation'>
type Plan = Predicate<'evaluation-plan'>
export type Row = Evaluation['results'][number]

/** Evaluations of the weights with the plan that each builds on. */
export function evaluationsOf(statements: readonly Verified[], weights: string) {
  const plans = new Map(
    statements.flatMap((one) => {
      const plan = saidAs(one, 'evaluation-plan')
      return plan === null ? [] : [[one.digest, plan] as const]
    }),
  )
  return statements.flatMap((one) => {
    const said = saidAs(one, 'evaluation')
    if (said === null || !isAbout(one, weights)) return []
    const plan = said.previous.map((digest) => plans.get(digest)).find((found) => found !== undefined) ?? null
    return [{ digest: one.digest, said, plan }]
  })
}

/** What the plan promised for a row, and whether the unfavourable end of the interval keeps it; null: only reported. */
export function verdictOf(
  row: Row,
  plan: Plan | null,
): { threshold: number; better: string; isReached: boolean } | null {
  const planned = plan?.metrics.find((one) => one.name === row.metric)
  if (planned?.threshold == null || row.subgroup !== null) return null
  const { threshold, better } = planned
  const bound = better === 'higher' ? row.low : row.high
  const isReached = bound !== null && (better === 'higher' ? bound >= threshold : bound <= threshold)
  return { threshold, better, isReached }
}

export function isGroupCount(row: Row): boolean {
  return row.metric === 'n_groups' || row.metric.endsWith('.n_groups')
}

/** Every figure with its interval, n and groups; a value that is missing shows why. */
export function figuresSection(statements: readonly Verified[], weights: string, words: PageWords): Html {
  const evaluations = evaluationsOf(statements, weights)
  if (evaluations.length === 0) return html`<h2>${words.figures}</h2><p>${words.noFigures}</p>`
  return html`<h2>${words.figures}</h2><p class="soft">${words.figuresNote}</p>${evaluations.map((one) => evaluationPart(one.said, one.plan, statements, words))}`
}

function evaluationPart(said: Evaluation, plan: Plan | null, statements: readonly Verified[], words: PageWords): Html {
  const names = snapshotNames(said, statements)
  const titles = names.filter((name) => !/^[0-9a-f]{64}$/.test(name))
  const data = titles.length > 0 ? titles : names
  const rows = said.results.filter((row) => !isGroupCount(row))
  return html`<h3>${words.evaluation} ${said.task.id} ${said.task.version}${said.state === 'void' ? html` <span class="mark bad">${words.voidEvaluation}</span>` : null}${said.synthetic ? html` <span class="mark wait">${words.synthetic}</span>` : null}</h3>
<p class="soft">${data.length > 0 ? `${words.measuredOn}: ${data.join(', ')} · ` : ''}${words.samples}: ${said.samplesAsked}, ${said.samplesAnswered}, ${said.samplesUngraded} · ${plan === null ? words.noPlan : `${words.planSigned} ${minuteOf(plan.at)}`}</p>
<div class="wide"><table><thead><tr><th>${words.metric}</th><th>${words.subgroup}</th><th class="number">${words.value}</th><th class="number">${words.interval}</th><th class="number">n</th><th class="number">${words.groups}</th><th class="number">${words.threshold}</th><th>${words.verdict}</th></tr></thead><tbody>${rows.map((row) => figureRow(row, said, plan, words))}</tbody></table></div>
<p class="soft"><code>${said.command.join(' ')}</code></p>`
}

function figureRow(row: Row, said: Evaluation, plan: Plan | null, words: PageWords): Html {
  const verdict = verdictOf(row, plan)
  const groups = [`${row.metric}.n_groups`, 'n_groups']
    .map((name) => said.results.find((one) => one.metric === name && one.subgroup === row.subgroup)?.value ?? null)
    .find((value) => value !== null)
  const interval =
    row.low === null || row.high === null
      ? '–'
      : `${figureText(row.low)} – ${figureText(row.high)}${row.level === null ? '' : ` (${figureText(row.level * 100)} %)`}`
  const shown =
    verdict === null
      ? html`<span class="soft">${words.reported}</span>`
      : verdict.isReached
        ? html`<span class="good">${words.reached}</span>`
        : html`<span class="bad">${words.missed}</span>`
  const sign = verdict === null ? '–' : `${verdict.better === 'higher' ? '≥' : '≤'} ${figureText(verdict.threshold)}`
  return html`<tr><td>${row.metric}</td><td>${row.subgroup ?? words.all}</td><td class="number">${row.value === null ? `– (${row.missing ?? ''})` : figureText(row.value)}</td><td class="number">${interval}</td><td class="number">${row.n}</td><td class="number">${groups ?? '–'}</td><td class="number">${sign}</td><td>${shown}</td></tr>`
}
