export {
  accuracyOf,
  balancedAccuracyOf,
  type Confusion,
  confusion,
  countAt,
  f1MacroOf,
  f1MicroOf,
  f1WeightedOf,
  kappaOf,
  type KappaWeights,
  type Labelled,
  type LabelScore,
  labelScores,
  labelsOf,
  mccOf,
} from './classification/confusion.ts'
export {
  accuracy,
  balancedAccuracy,
  confusionMetric,
  f1Macro,
  f1Micro,
  f1Weighted,
  kappa,
  kappaLinear,
  kappaQuadratic,
  mcc,
} from './classification/labels.ts'
export {
  atSensitivity,
  atSpecificity,
  atThreshold,
  auprc,
  auprcMacro,
  auroc,
  aurocMacro,
  aurocValue,
  type OperatingPoint,
  type Scored,
  type ScoredRow,
  scored,
  sensitivityAtSpecificity,
} from './classification/ranking.ts'
export {
  averageBeats,
  type BeatFigure,
  type BeatFractions,
  type BeatStatistic,
  beatFractions,
  beatScore,
  beatStatistics,
  type Excluded,
  type Fraction,
  grossBeats,
  pacedRecords,
  sumPairs,
  withoutPaced,
} from './ecg/beat-scores.ts'
export {
  type BeatAnnotation,
  type BeatPair,
  type BeatPairs,
  type BeatPeriod,
  type BeatRecord,
  type BeatsByPeriod,
  beatByBeat,
} from './ecg/beats.ts'
export {
  type BeatClass,
  type BeatClassReport,
  type BeatMap,
  beatClass,
  beatClasses,
  beatClassReport,
  type ClassifiedBeat,
  ds1,
  ds2,
  f1MacroNSVF,
  f1MacroNSVFQ,
  mitdbPatient,
} from './ecg/classes.ts'
export { type IntervalError, intervalError } from './ecg/interval-errors.ts'
export { type Gate, type GateEvidence, type GateReason, type GateVerdict, judgeGate, parseGate } from './gate.ts'
export {
  type Bootstrapped,
  type BootstrapInterval,
  type BootstrapMethod,
  type BootstrapOptions,
  bootstrap,
  bootstrapDefaults,
  type NoInterval,
} from './inference/bootstrap.ts'
export {
  benjaminiHochberg,
  bonferroni,
  type Comparison,
  holm,
  type Mcnemar,
  mcnemar,
  type RankRange,
  rankRanges,
  type SignFlip,
  type SignFlipOptions,
  signFlip,
} from './inference/comparisons.ts'
export { normalCdf, normalQuantile } from './inference/distributions.ts'
export { type Groups, groupBy, singly, type Unit } from './inference/groups.ts'
export {
  type AurocVariance,
  clopperPearson,
  type DelongComparison,
  delong,
  delongCompare,
  type Range,
  wilson,
} from './inference/intervals.ts'
export { type PairedBootstrap, pairedBootstrap } from './inference/paired-bootstrap.ts'
export { quantile, quantileOfSorted } from './inference/quantile.ts'
export { type Random, random } from './inference/random.ts'
export {
  countMetric,
  type Direction,
  definitions,
  itemMean,
  type Measured,
  type Metric,
  meanOfDefined,
  measured,
  metric,
  ratio,
  type Sufficient,
} from './metric.ts'
export { type Calibration, calibration } from './classification/calibration.ts'
export {
  type LabelSet,
  labelsAbove,
  multilabelF1Macro,
  multilabelF1Micro,
  multilabelF1Samples,
  multilabelF1Weighted,
  subsetAccuracy,
} from './classification/multilabel.ts'
export {
  brier,
  brierMulticlass,
  eceMass,
  eceTopLabel,
  eceWidth,
  firstLargest,
  logLoss,
  logLossBinary,
  type ProbabilityRow,
} from './classification/probability.ts'
export {
  precisionAtK,
  recallAtK,
  type SetOverlap,
  setMean,
  setOverlap,
  type TermSets,
  type TripleSets,
  tripleF1,
} from './entities/sets.ts'
