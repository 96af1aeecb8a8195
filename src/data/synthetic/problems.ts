import { catalogue } from '../../kernel/index.ts'

export const problem = catalogue({
  'data.synthetic-setting': {
    status: 422,
    retry: false,
    en: { title: 'A synthetic ECG cannot have {setting} = {value}', fix: 'Choose a value from {least} to {most}' },
    zh: { title: '合成心电图的 {setting} 不能为 {value}', fix: '请取 {least} 至 {most} 之间的值' },
  },
})
