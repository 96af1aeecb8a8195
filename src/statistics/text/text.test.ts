import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { answerExact, answerF1, answerScore, factoidRank } from './answers.ts'
import { bleu4 } from './bleu.ts'
import { choiceAccuracy, choiceJaccard, shuffleConsistent } from './choices.ts'
import { keyPointHits, keyPointRecall, macroRecall } from './key-points.ts'
import { answerLetters } from './letters.ts'
import { rouge, rougeEn, rougeMean, rougeZh } from './rouge.ts'
import { tokensZh } from './tokens.ts'

const options = { A: '高血压', B: '糖尿病', C: '冠心病', D: '肺炎' }
const one = (text: string) => answerLetters(text, options, false)?.join('') ?? null
const several = (text: string) => answerLetters(text, options, true)?.join('') ?? null

test('letters inside words and stages are no answers', () => {
  for (const text of ['CT', 'NYHA II级', 'HBV阳性', '维生素B12', 'COPD', 'Dr Chen']) assert.equal(one(text), null, text)
})

test('what an answer rules out is not what it gives', () => {
  for (const text of ['不应选A', '不可选A', '不能选A', '答案不是A', 'not A', '除了A'])
    assert.equal(one(text), null, text)
  assert.equal(one('不应选A，应选C'), 'C')
})

test('the last announced answer counts, and letters after it in the reasoning do not', () => {
  assert.equal(one('Answer: B. Option C is wrong'), 'B')
  assert.equal(one('正确选项应该是 (D)'), 'D')
  assert.equal(several('答案：A、C 和 D'), 'ACD')
})

test('thinking aloud is not answering', () => {
  assert.equal(one('<think>\n答案：A\n</think>\n<B>'), 'B')
  assert.equal(one('<think>答案：A</think>'), null)
})

test('every letter alone is read as itself, in all its forms', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('A', 'B', 'C', 'D'),
      fc.constantFrom('@', '@。', '(@)', '【@】', '<@>', '答案：@', '选@。', 'The answer is @', '@. 因为'),
      (letter, form) => {
        assert.equal(one(form.replace('@', letter)), letter)
        assert.equal(several(form.replace('@', letter)), letter)
      },
    ),
    { seed: 7 },
  )
})

test('a set of letters comes back sorted, and is no answer to a single choice', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'), { minLength: 2 }),
      fc.constantFrom('', '、', ', ', '和', '/'),
      (letters, joint) => {
        const text = `答案是${letters.join(joint)}。`
        assert.equal(several(text), letters.toSorted().join(''))
        assert.equal(one(text), null)
      },
    ),
    { seed: 7 },
  )
})

test('arbitrary text never throws and gives only letters of the item', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.boolean(), (text, multiple) => {
      for (const letter of answerLetters(text, options, multiple) ?? []) assert.ok(letter in options)
    }),
    { numRuns: 300, seed: 7 },
  )
  assert.equal(answerLetters('A', {}, false), null)
})

test('a long answer of separators is read in no time', () => {
  assert.equal(one(`A${' ,'.repeat(20_000)}x`), 'A')
  assert.equal(one(`答案${' '.repeat(20_000)}是${' '.repeat(20_000)}无`), null)
})

test('only the equal set is right, no answer is wrong', () => {
  const items = [
    { gold: ['A', 'B'], predicted: ['B', 'A'] },
    { gold: ['A', 'B'], predicted: ['A'] },
    { gold: ['A'], predicted: null },
  ]
  assert.equal(choiceAccuracy.compute(items).value, 1 / 3)
  assert.equal(choiceJaccard.compute(items).value, 0.5)
  assert.equal(choiceAccuracy.compute([]).value, null)
  assert.equal(shuffleConsistent.compute([]).value, null)
})

test('tokens: full width becomes half, numbers keep their decimals, signs stand alone', () => {
  assert.deepEqual(tokensZh('体温３７.８℃，CRP 12mg/L'), [
    '体',
    '温',
    '37.8',
    '°',
    'c',
    ',',
    'crp',
    '12',
    'mg',
    '/',
    'l',
  ])
  assert.deepEqual(tokensZh(' \n'), [])
})

test('ROUGE: bounds, symmetry of reference and answer, 1 only with itself', () => {
  const tokens = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 10 })
  fc.assert(
    fc.property(tokens, tokens, (reference, answer) => {
      const there = rouge(reference, answer)
      const back = rouge(answer, reference)
      for (const name of ['rouge1', 'rouge2', 'rougeL'] as const) {
        assert.ok(there[name] >= 0 && there[name] <= 1)
        assert.ok(Math.abs(there[name] - back[name]) < 1e-12)
      }
      assert.ok(there.rougeL <= there.rouge1 + 1e-12)
      if (answer.length > 1) assert.deepEqual(rouge(answer, answer), { rouge1: 1, rouge2: 1, rougeL: 1 })
    }),
    { seed: 7 },
  )
  assert.equal(rougeEn('The cat.', 'the CAT').rouge1, 1)
  assert.equal(rougeMean('rougeL', 'zh').compute([{ references: ['甲', '乙丙'], answer: '乙丙' }]).value, 1)
  assert.equal(rougeMean('rougeL', 'zh').compute([{ references: ['甲'], answer: null }]).value, 0)
  assert.deepEqual(rougeZh('', ''), { rouge1: 0, rouge2: 0, rougeL: 0 })
})

test('BLEU of a text with itself is 1, of a shorter one less, of none 0', () => {
  const of = (answer: string | null) => bleu4('zh').compute([{ references: ['患者应低盐饮食'], answer }]).value ?? -1
  assert.ok(Math.abs(of('患者应低盐饮食') - 1) < 1e-12)
  // All of its n-grams are right; only brevity costs: exp(1 - 7/5).
  assert.ok(Math.abs(of('患者应低盐') - Math.exp(1 - 7 / 5)) < 1e-12)
  assert.equal(of(''), 0)
  assert.equal(of(null), 0)
  assert.equal(bleu4('zh').compute([]).value, null)
})

test('key points: no points have no share, a form of punctuation hits nothing', () => {
  assert.equal(keyPointRecall({ keyPoints: [], answer: '甲' }), null)
  assert.deepEqual(keyPointHits([['。']], '甲。'), [false])
  assert.deepEqual(
    macroRecall.compute([
      { keyPoints: [], answer: '甲' },
      { keyPoints: [['甲']], answer: null },
    ]),
    {
      value: 0,
      undefined: 1,
    },
  )
})

test('an answer scores with its best reference, in Chinese by character', () => {
  assert.deepEqual(answerScore(['阿司匹林', '乙酰水杨酸'], '阿司匹林。', 'zh').exact, 0)
  assert.equal(answerScore(['阿司匹林'], '阿司匹林!', 'zh').exact, 1)
  assert.equal(answerScore([], 'x').f1, 0)
  assert.equal(answerF1('en').compute([{ gold: ['x'], predicted: null }]).value, 0)
  assert.equal(answerExact('en').compute([{ gold: ['an x'], predicted: 'X.' }]).value, 1)
})

test('a factoid is looked for among five candidates', () => {
  assert.equal(factoidRank({ gold: ['x'], answers: ['a', 'b', 'c', 'd', ' X '] }), 5)
  assert.equal(factoidRank({ gold: ['x'], answers: ['a', 'b', 'c', 'd', 'e', 'x'] }), null)
})
