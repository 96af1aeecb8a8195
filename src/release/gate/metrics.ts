import type { Predicate } from '../../kernel/index.ts'
import { judgeGate } from '../../statistics/index.ts'
import type { MetricRule } from '../policy/contract.ts'
import type { Check } from './contract.ts'
import { isLater } from './instant.ts'
import { isAbout, saidAs, snapshotNames, type Verified, voidEvaluations } from './statements.ts'
import { type Both, both, figureText, reasonWords } from './words.ts'

type Evaluation = Predicate<'evaluation'>
type Plan = Predicate<'evaluation-plan'>

interface Judged {
  readonly digest: string
  readonly plan: string
  readonly pass: boolean
  readonly bound: number | null
  readonly observed: Both
}

/**
 * Judges one metric of a policy by the signed evaluations of the weights. An evaluation qualifies when its plan was signed
 * before it began and asks for the same threshold. Every evaluation that qualifies must pass: nobody picks the best of
 * several. One that was declared void does not count.
 */
export function judgeMetric(rule: MetricRule, weights: string, all: readonly Verified[], id: string): Check {
  const title = both(`Evaluation ${rule.task}: ${rule.metric}`, `评测 ${rule.task}：${rule.metric}`)
  const shared = { id, title, required: requiredText(rule) }
  const voided = voidEvaluations(all)
  const unfit: { digest: string; why: Both }[] = []
  const judged: Judged[] = []
  for (const statement of all) {
    const said = saidAs(statement, 'evaluation')
    if (said === null || !isAbout(statement, weights) || !isOfTask(rule, said, all)) continue
    const why = voided.has(said.evaluationId)
      ? both('it was declared void', '该评测已作废')
      : unfitData(rule, said, all)
    if (why !== null) {
      unfit.push({ digest: statement.digest, why })
      continue
    }
    const plan = planOf(rule, said, all)
    if ('why' in plan) unfit.push({ digest: statement.digest, why: plan.why })
    else judged.push({ digest: statement.digest, plan: plan.digest, ...judgeOne(rule, said, plan.said) })
  }
  if (judged.length > 0) {
    const worst = judged.reduce((a, b) => (isWorse(rule, b, a) ? b : a))
    const observed =
      judged.length === 1
        ? worst.observed
        : both(
            `the worst of ${judged.length} evaluations: ${worst.observed.en}`,
            `${judged.length} 次评测中最差的一次：${worst.observed.zh}`,
          )
    const evidence = judged.flatMap((one) => [one.digest, one.plan])
    return { ...shared, outcome: worst.pass ? 'pass' : 'fail', observed, evidence: [...new Set(evidence)] }
  }
  const last = unfit.at(-1)
  if (last === undefined) return { ...shared, outcome: 'not-assessed', observed: null, evidence: [] }
  const observed = both(`no evaluation counts: ${last.why.en}`, `没有可采用的评测：${last.why.zh}`)
  return { ...shared, outcome: 'fail', observed, evidence: unfit.map((one) => one.digest) }
}

function requiredText(rule: MetricRule): Both {
  const { sign, threshold } = limitOf(rule)
  const where = rule.dataset === undefined ? '' : ` on ${rule.dataset}`
  const real = rule.notSynthetic ? { en: ', on data that are not synthetic', zh: '，非合成数据' } : { en: '', zh: '' }
  const percent = figureText(rule.level * 100)
  const end = sign === '≥' ? { en: 'lower', zh: '下限' } : { en: 'upper', zh: '上限' }
  return both(
    `${end.en} end of the ${percent} % interval ${sign} ${threshold}${where}, at least ${rule.minGroups} groups${real.en}`,
    `${percent}% 置信区间${end.zh} ${sign} ${threshold}${rule.dataset === undefined ? '' : `（数据 ${rule.dataset}）`}，至少 ${rule.minGroups} 个独立组${real.zh}`,
  )
}

function limitOf(rule: MetricRule) {
  return rule.atLeast === undefined
    ? ({ direction: 'lower', sign: '≤', threshold: rule.atMost ?? Number.NaN } as const)
    : ({ direction: 'higher', sign: '≥', threshold: rule.atLeast } as const)
}

/** A task is named by its own id, or by the kind of task, which is its plan's scorer. */
function isOfTask(rule: MetricRule, said: Evaluation, all: readonly Verified[]): boolean {
  if (said.task.id === rule.task) return true
  const plans = all.filter((one) => said.previous.includes(one.digest))
  return plans.some((one) => saidAs(one, 'evaluation-plan')?.scorer.name === rule.task)
}

function unfitData(rule: MetricRule, said: Evaluation, all: readonly Verified[]): Both | null {
  if (rule.notSynthetic && said.synthetic) return both('it was measured on synthetic data', '使用的是合成数据')
  if (rule.dataset === undefined || snapshotNames(said, all).includes(rule.dataset)) return null
  return both(`it was not measured on ${rule.dataset}`, `未使用数据 ${rule.dataset}`)
}

/** The plan that the evaluation builds on, if it was there before and promised what the policy asks for. */
function planOf(rule: MetricRule, said: Evaluation, all: readonly Verified[]) {
  const { direction, threshold } = limitOf(rule)
  let why = both('no signed plan comes before it', '评测前没有已签名的计划')
  for (const statement of all) {
    const plan = saidAs(statement, 'evaluation-plan')
    if (plan === null || !said.previous.includes(statement.digest)) continue
    if (isLater(plan.at, said.startedAt)) {
      why = both('its plan was signed after it had begun', '计划在评测开始之后才签名')
      continue
    }
    if (plan.task.id !== said.task.id || plan.task.version !== said.task.version) {
      why = both('its plan is of another task', '计划针对的是另一任务')
      continue
    }
    const planned = plan.metrics.find((one) => one.name === rule.metric)
    if (planned === undefined || planned.threshold !== threshold || planned.better !== direction) {
      const asked = planned === undefined ? '–' : figureText(planned.threshold)
      why = both(
        `its plan asks for ${asked}, the policy for ${threshold}`,
        `计划的阈值为 ${asked}，策略要求 ${threshold}`,
      )
      continue
    }
    return { digest: statement.digest, said: plan }
  }
  return { why }
}

function judgeOne(rule: MetricRule, said: Evaluation, plan: Plan): Omit<Judged, 'digest' | 'plan'> {
  const row = said.results.find((one) => one.metric === rule.metric && one.subgroup === null)
  const fail = (en: string, zh: string) => ({ pass: false, bound: null, observed: both(en, zh) })
  if (row === undefined) return fail('the evaluation does not report it', '评测未报告该指标')
  if (row.value === null) return fail(`no value: ${row.missing}`, `没有数值：${row.missing}`)
  const groups = groupsOf(said, rule.metric)
  const range = `${figureText(row.value)} (${figureText(row.low)} – ${figureText(row.high)})`
  const figure = both(
    `${range}, n = ${row.n}, ${groups ?? '?'} groups`,
    `${range}，n = ${row.n}，${groups ?? '?'} 个独立组`,
  )
  const failed = (why: Both) => ({
    pass: false,
    bound: rule.atLeast === undefined ? row.high : row.low,
    observed: both(`${figure.en}: ${why.en}`, `${figure.zh}：${why.zh}`),
  })
  if (said.samplesAsked < plan.samplesPlanned && plan.stopping === null)
    return failed(
      both(
        `only ${said.samplesAsked} of ${plan.samplesPlanned} planned samples were asked`,
        `计划 ${plan.samplesPlanned} 个样本，仅评测 ${said.samplesAsked} 个`,
      ),
    )
  if (row.level !== null && row.level < rule.level)
    return failed(both(`the interval is of ${row.level} only`, `置信水平仅为 ${row.level}`))
  if (groups === null) return failed(both('the number of groups is not stated', '未说明独立组数'))
  const { direction, threshold } = limitOf(rule)
  const gate = { metric: rule.metric, direction, threshold, minGroups: rule.minGroups }
  // An interval without its level is none.
  const { low, high } = row.level === null ? { low: null, high: null } : row
  const verdict = judgeGate(gate, { low, high, nGroups: groups, unscored: said.samplesUngraded })
  if (verdict.reason !== 'ok') return failed(reasonWords[verdict.reason])
  return { pass: verdict.pass, bound: verdict.bound, observed: figure }
}

/**
 * Independent groups (people, recordings) behind a figure. `n` counts items, such as beats, so groups are a result of their
 * own: the row `<metric>.n_groups`, or `n_groups` for all metrics. Not stated: null, and nothing is assumed.
 */
function groupsOf(said: Evaluation, metric: string): number | null {
  const row = [`${metric}.n_groups`, 'n_groups']
    .map((name) => said.results.find((one) => one.metric === name && one.subgroup === null))
    .find((one) => one !== undefined)
  return row?.value ?? null
}

function isWorse(rule: MetricRule, one: Judged, than: Judged): boolean {
  if (one.pass !== than.pass) return !one.pass
  if (one.bound === null || than.bound === null) return one.bound === null
  return rule.atLeast === undefined ? one.bound > than.bound : one.bound < than.bound
}
