import { catalogue } from '../kernel/index.ts'

export const problem = catalogue({
  'compute.job-ended': {
    status: 409,
    retry: false,
    en: { title: 'Job {id} has ended already ({state})', fix: 'Submit it again with pilotbase jobs retry {id}' },
    zh: { title: '作业 {id} 已结束（{state}）', fix: '可用 pilotbase jobs retry {id} 重新提交' },
  },
  'compute.job-runs': {
    status: 409,
    retry: true,
    en: { title: 'Job {id} has not ended ({state})', fix: 'Wait for its end, or cancel it first' },
    zh: { title: '作业 {id} 尚未结束（{state}）', fix: '请等待结束，或先取消' },
  },
  'compute.too-large': {
    status: 422,
    retry: false,
    en: {
      title: 'The job asks for {asked} cpus, the machine lends {slots} in all',
      fix: 'Ask for fewer, or raise jobSlots',
    },
    zh: { title: '作业请求 {asked} 个 CPU，本机最多提供 {slots} 个', fix: '请减少请求，或提高 jobSlots' },
  },
  'compute.input-missing': {
    status: 422,
    retry: false,
    en: {
      title: 'The input {path} names content that is not stored here',
      fix: 'Upload it first, or name a snapshot of this project',
    },
    zh: { title: '输入 {path} 引用的内容未存储在此', fix: '请先上传，或引用本项目的快照' },
  },
})
