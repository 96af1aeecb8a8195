import { catalogue } from '../errors/problem.ts'

export const problem = catalogue({
  'kernel.config-unknown': {
    status: 400,
    retry: false,
    en: {
      title: '{source} has an unknown setting {key}',
      fix: 'Did you mean {nearest}? All settings: pilotbase config',
    },
    zh: { title: '{source} 中有未知设置 {key}', fix: '是否想写 {nearest}？全部设置见 pilotbase config' },
  },
  'kernel.config-invalid': {
    status: 400,
    retry: false,
    en: {
      title: '{source} sets {key} to something it cannot be: {reason}',
      fix: 'Correct it; what it means: pilotbase config',
    },
    zh: { title: '{source} 中 {key} 的值无效：{reason}', fix: '请更正；含义见 pilotbase config' },
  },
  'kernel.config-unreadable': {
    status: 400,
    retry: false,
    en: { title: '{source} cannot be read: {reason}', fix: 'Mend the file, or name another with --config' },
    zh: { title: '无法读取 {source}：{reason}', fix: '请修复该文件，或用 --config 指定其他文件' },
  },
})
