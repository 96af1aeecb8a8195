import { catalogue } from '../../../kernel/index.ts'

export const problem = catalogue({
  'apps.no-release': {
    status: 409,
    retry: false,
    en: {
      title: 'Nothing is released here for {purpose}',
      fix: 'Release a version for this purpose first: an application runs only what was released for its site',
    },
    zh: { title: '本项目尚未发布用于“{purpose}”的版本', fix: '请先为该用途完成发布：应用只运行已在本机构发布的版本' },
  },
  'apps.subject-identifies': {
    status: 422,
    retry: false,
    en: {
      title: 'The subject looks like an {kind}',
      fix: 'Use a code of your own that names nobody outside your site, or leave it out',
    },
    zh: { title: '受试者编号疑似个人标识（{kind}）', fix: '请改用院内自定编码，或留空' },
  },
  'apps.case-shadow': {
    status: 409,
    retry: false,
    en: {
      title: 'The release answers this case in shadow',
      fix: 'Read the recording without it; its answer is kept for comparison and nobody decides on it',
    },
    zh: { title: '该病例由影子阶段的版本作答', fix: '请独立判读；其结果仅留作比对，不能据此作出决定' },
  },
  'apps.case-not-answered': {
    status: 409,
    retry: false,
    en: { title: 'The case is {state}, so there is nothing to decide', fix: 'Wait until it is answered' },
    zh: { title: '病例状态为 {state}，尚无可决定的结果', fix: '请等待其作答完成' },
  },
  'apps.case-changed': {
    status: 409,
    retry: false,
    en: {
      title: 'The case has changed since you read it: it is at revision {actual}, you decided on {given}',
      fix: 'Read the case again, look at what was decided meanwhile, and decide anew',
    },
    zh: {
      title: '病例在您读取后已被更改：当前为第 {actual} 版，您依据的是第 {given} 版',
      fix: '请重新读取病例，查看期间的决定后再作决定',
    },
  },
  'apps.finding-undecided': {
    status: 422,
    retry: false,
    en: {
      title: '{count} findings have no verdict; the first is number {rank}',
      fix: 'Accept, edit or reject each finding exactly once',
    },
    zh: { title: '有 {count} 条发现未给出结论，第一条为第 {rank} 条', fix: '请对每条发现接受、修改或驳回，且仅一次' },
  },
  'apps.finding-twice': {
    status: 422,
    retry: false,
    en: { title: 'A finding has more than one verdict', fix: 'Accept, edit or reject each finding exactly once' },
    zh: { title: '同一条发现给出了多个结论', fix: '请对每条发现接受、修改或驳回，且仅一次' },
  },
  'apps.finding-unknown': {
    status: 422,
    retry: false,
    en: { title: 'The case has no finding {id}', fix: 'Give verdicts on the findings that the case lists' },
    zh: { title: '该病例没有编号为 {id} 的发现', fix: '请仅对病例列出的发现给出结论' },
  },
  'apps.finding-code-unknown': {
    status: 422,
    retry: false,
    en: { title: 'The dictionary has no finding {code}', fix: 'Take a code of the dictionary, or `other`' },
    zh: { title: '词典中没有发现代码 {code}', fix: '请使用词典中的代码，或 other' },
  },
  'apps.analysis-failed': {
    status: 500,
    retry: false,
    en: {
      title: 'The analysis failed {attempts} times for a reason of ours',
      fix: 'Read the recording without it, and give the operator the number of the case',
    },
    zh: { title: '分析因系统原因失败 {attempts} 次', fix: '请独立判读该记录，并将病例编号告知管理员' },
  },
})
