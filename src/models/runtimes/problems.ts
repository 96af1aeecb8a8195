import { catalogue } from '../../kernel/index.ts'

export const problem = catalogue({
  'models.runtime-unknown': {
    status: 422,
    retry: false,
    en: { title: 'No runtime opens {file}', fix: 'Give a file that one of these opens: {known}' },
    zh: { title: '没有能打开 {file} 的运行时', fix: '请提供以下运行时可打开的文件：{known}' },
  },
  'models.model-unreadable': {
    status: 422,
    retry: false,
    en: {
      title: 'The model file {file} does not load: {reason}',
      fix: 'Export the model again and check it with its own tool',
    },
    zh: { title: '模型文件 {file} 无法加载：{reason}', fix: '请重新导出模型，并用其自带工具检查' },
  },
  'models.signature-unsupported': {
    status: 422,
    retry: false,
    en: {
      title: '{tensor} of {file} has the type {type}, which this runtime has no tensor for',
      fix: 'Export the model with dense inputs and outputs of a supported type: {known}',
    },
    zh: {
      title: '{file} 的 {tensor} 类型为 {type}，此运行时没有对应的张量',
      fix: '请以受支持类型的稠密输入输出重新导出模型：{known}',
    },
  },
  'models.input-missing': {
    status: 400,
    retry: false,
    en: { title: 'The input {tensor} is missing', fix: 'Send every input of the model: {expected}' },
    zh: { title: '缺少输入 {tensor}', fix: '请提供模型的全部输入：{expected}' },
  },
  'models.input-unknown': {
    status: 400,
    retry: false,
    en: { title: 'The model has no input {tensor}', fix: 'Send exactly these inputs: {expected}' },
    zh: { title: '模型没有名为 {tensor} 的输入', fix: '请只提供以下输入：{expected}' },
  },
  'models.input-twice': {
    status: 400,
    retry: false,
    en: { title: 'The input {tensor} is there more than once', fix: 'Send each input once' },
    zh: { title: '输入 {tensor} 重复出现', fix: '每个输入只提供一次' },
  },
  'models.output-unknown': {
    status: 400,
    retry: false,
    en: { title: 'The model has no output {tensor}', fix: 'Ask for some of these outputs: {expected}' },
    zh: { title: '模型没有名为 {tensor} 的输出', fix: '请从以下输出中选择：{expected}' },
  },
  'models.datatype-wrong': {
    status: 400,
    retry: false,
    en: { title: 'The input {tensor} is {actual}; the model takes {expected}', fix: 'Send {tensor} as {expected}' },
    zh: { title: '输入 {tensor} 的类型是 {actual}，模型需要 {expected}', fix: '请以 {expected} 提供 {tensor}' },
  },
  'models.shape-wrong': {
    status: 400,
    retry: false,
    en: {
      title: 'The input {tensor} has the shape [{actual}]; the model takes [{expected}]',
      fix: 'Send a shape that agrees with [{expected}], where -1 may be any size',
    },
    zh: {
      title: '输入 {tensor} 的形状是 [{actual}]，模型需要 [{expected}]',
      fix: '请提供与 [{expected}] 相符的形状，其中 -1 可为任意大小',
    },
  },
  'models.length-wrong': {
    status: 400,
    retry: false,
    en: {
      title: 'The input {tensor} holds {actual} {unit}; its shape [{shape}] needs {expected}',
      fix: 'Send data and a shape that agree',
    },
    zh: {
      title: '输入 {tensor} 含 {actual} {unit}，其形状 [{shape}] 需要 {expected}',
      fix: '请使数据与形状一致',
    },
  },
  'models.value-not-allowed': {
    status: 400,
    retry: false,
    en: {
      title: 'Element {index} of the input {tensor} is {value}, which {datatype} does not allow here',
      fix: 'Send finite numbers, 0 or 1 for BOOL and UTF-8 without NUL for BYTES; decide what stands for a missing value',
    },
    zh: {
      title: '输入 {tensor} 的第 {index} 个元素是 {value}，{datatype} 在此不允许',
      fix: '请提供有限数值，BOOL 用 0 或 1，BYTES 用不含 NUL 的 UTF-8；缺失值请先约定表示方式',
    },
  },
  'models.inference-failed': {
    status: 422,
    retry: false,
    en: { title: 'The model could not compute this input: {reason}', fix: 'Check the values against the model card' },
    zh: { title: '模型无法计算该输入：{reason}', fix: '请对照模型卡检查输入值' },
  },
  'models.overloaded': {
    status: 503,
    retry: true,
    en: { title: 'The model has {queued} requests waiting, its limit', fix: 'Send again in a moment, or add workers' },
    zh: { title: '模型已有 {queued} 个请求在等待，达到上限', fix: '请稍后重试，或增加工作线程' },
  },
  'models.deadline-passed': {
    status: 504,
    retry: true,
    en: {
      title: 'No answer within the deadline of {deadlineMs} ms',
      fix: 'Send again with a later deadline, or add workers',
    },
    zh: { title: '在 {deadlineMs} 毫秒的期限内没有结果', fix: '请延长期限后重试，或增加工作线程' },
  },
  'models.request-cancelled': {
    status: 499,
    retry: true,
    en: { title: 'The caller gave the request up', fix: 'Send it again if the answer is still wanted' },
    zh: { title: '调用方已放弃该请求', fix: '如仍需结果请重新发送' },
  },
  'models.worker-lost': {
    status: 503,
    retry: true,
    en: { title: 'The thread that ran the model ended: {reason}', fix: 'Send again; the thread is being replaced' },
    zh: { title: '运行模型的线程已终止：{reason}', fix: '请重试，线程正在更换' },
  },
  'models.runtime-broken': {
    status: 503,
    retry: false,
    en: {
      title: 'The model no longer starts: {reason}',
      fix: 'Ask the operator to look at the log and open the model again',
    },
    zh: { title: '模型已无法启动：{reason}', fix: '请运维人员查看日志并重新打开模型' },
  },
  'models.runtime-closed': {
    status: 503,
    retry: true,
    en: { title: 'The model is being closed', fix: 'Send again when it has been opened elsewhere' },
    zh: { title: '模型正在关闭', fix: '请待其在别处打开后重试' },
  },
})
