import { auroc, scored } from '../classification/ranking.ts'
import { judgeGate } from '../gate.ts'
import { bcaCorrection, bootstrap, replicates } from '../inference/bootstrap.ts'
import { benjaminiHochberg, bonferroni, holm, mcnemar, signFlip } from '../inference/comparisons.ts'
import { groupBy, singly } from '../inference/groups.ts'
import { clopperPearson, delong, delongCompare, wilson } from '../inference/intervals.ts'
import { pairedBootstrap } from '../inference/paired-bootstrap.ts'
import { quantile } from '../inference/quantile.ts'
import { random } from '../inference/random.ts'
import { drawGroups, scorer } from '../inference/replicates.ts'
import { type Direction, itemMean, type Metric } from '../metric.ts'
import type { Runners } from './runner.ts'

interface Resampling {
  readonly B: number
  readonly seed: number
  readonly level: number
}
interface Proportion {
  readonly successes: number
  readonly n: number
  readonly level: number
}
interface PValues {
  readonly p: number[]
  readonly alpha: number
}

const mean: Metric<number> = itemMean('mean', 'higher', (value) => value)
const ends = (range: { low: number; high: number } | null) => range && [range.low, range.high]
const firstDraw = (seed: number, n: number) => [...drawGroups(random(seed), new Int32Array(n))]
const decided = (adjusted: number[], alpha: number) => ({ adjusted, reject: adjusted.map((p) => p <= alpha) })

/** Groups of `values` by the names beside them. */
function grouped(names: readonly string[], values: readonly number[]): number[][] {
  return groupBy(
    values.map((value, index) => ({ value, name: names[index] ?? null })),
    ({ name }) => name,
  ).map((group) => group.map(({ value }) => value))
}

export const statistics: Runners = {
  random_numbers: ({ seed }: { seed: number }) => {
    const source = random(seed)
    return { state: source.state(), first: Array.from({ length: 8 }, () => source.next()) }
  },
  random_below: ({ seed, n }: { seed: number; n: number[] }) => {
    const source = random(seed)
    return n.map((limit) => source.below(limit))
  },
  wilson: ({ successes, n, level }: Proportion) => ends(wilson(successes, n, level)),
  clopper_pearson: ({ successes, n, level }: Proportion) => ends(clopperPearson(successes, n, level)),
  percentile: ({ values, q }: { values: number[]; q: number[] }) => q.map((at) => quantile(values, at)),
  delong: ({ y, a, b }: { y: number[]; a: number[]; b: number[] }) => {
    const both = delongCompare(y, a, b)
    return {
      auroc_a: both?.aurocA,
      auroc_b: both?.aurocB,
      variance_a: both?.varianceA,
      variance_b: both?.varianceB,
      covariance: both?.covariance,
      z: both?.z,
      p: both?.p,
      ci_a_linear: ends(delong(y, a)),
    }
  },
  mcnemar: ({ table }: { table: number[][] }) => {
    const { exactP, chi2Corrected, chi2P } = mcnemar(table[0]?.[1] ?? 0, table[1]?.[0] ?? 0)
    return { exact_p: exactP, chi2_corrected: chi2Corrected, chi2_p: chi2P }
  },
  holm: ({ p, alpha }: PValues) => decided(holm(p), alpha),
  fdr_bh: ({ p, alpha }: PValues) => decided(benjaminiHochberg(p), alpha),
  bonferroni: ({ p, alpha }: PValues) => decided(bonferroni(p), alpha),
  permutation_paired: ({ difference }: { difference: number[] }) => signFlip(singly(difference)),
  permutation_paired_random: ({ difference, B, seed }: { difference: number[]; B: number; seed: number }) =>
    signFlip(singly(difference), { B, seed, exactUpTo: 0 }),
  bootstrap: ({ value, ...options }: Resampling & { value: number[] }) => {
    const groups = singly(value)
    const percentile = bootstrap(mean, groups, options)
    const bca = bootstrap(mean, groups, { ...options, method: 'bootstrap-bca' })
    const score = scorer(mean, groups)
    const values = replicates(score, groups.length, options.B, options.seed)
    return {
      first_resample: firstDraw(options.seed, groups.length),
      estimate: percentile.estimate.value,
      percentile: ends(percentile.ci),
      bca: ends(bca.ci),
      ...bcaCorrection(percentile.estimate.value ?? Number.NaN, values, score, groups.length),
    }
  },
  bootstrap_cluster: ({ group, correct, ...options }: Resampling & { group: string[]; correct: number[] }) => {
    const groups = grouped(group, correct)
    const names = [...new Set(group)]
    const result = bootstrap(mean, groups, { ...options, minGroups: 2 })
    return {
      estimate: result.estimate.value,
      n: result.n,
      n_groups: result.n_groups,
      first_resample_groups: firstDraw(options.seed, groups.length).map((drawn) => names[drawn]),
      percentile: ends(result.ci),
    }
  },
  bootstrap_paired: ({
    group,
    correct_a,
    correct_b,
    ...options
  }: Resampling & { group: string[]; correct_a: number[]; correct_b: number[] }) => {
    const result = pairedBootstrap(mean, grouped(group, correct_a), grouped(group, correct_b), {
      ...options,
      minGroups: 2,
    })
    return { difference: result.difference, percentile: ends(result.ci), p_two_sided: result.p }
  },
  bootstrap_undefined: ({ y, score, ...options }: Resampling & { y: number[]; score: number[] }) => {
    const result = bootstrap(auroc, singly(scored(y, score)), { ...options, minGroups: 2 })
    return { estimate: result.estimate.value, undefined: result.undefined, percentile: ends(result.ci) }
  },
  gate: (input: {
    low: number | null
    high: number | null
    threshold: number
    direction: Direction
    n_groups: number
    min_groups: number
  }) => {
    const { low, high, threshold, direction } = input
    return judgeGate(
      { metric: 'any', direction, threshold, minGroups: input.min_groups },
      { low, high, nGroups: input.n_groups },
    )
  },
}
