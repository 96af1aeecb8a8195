import { catalogue } from '../../../kernel/index.ts'

export const problem = catalogue({
  'data.edf-header-cut': {
    status: 422,
    retry: false,
    en: {
      title: '{file} ends at byte {offset}, inside its header of {neededBytes} bytes',
      fix: 'Copy or export the file again; it is incomplete or no EDF or BDF file',
    },
    zh: {
      title: '{file} 在第 {offset} 字节处结束，尚未到文件头末尾（{neededBytes} 字节）',
      fix: '文件不完整，或不是 EDF/BDF 文件，请重新复制或导出',
    },
  },
  'data.edf-header-field': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, byte {offset}: "{value}" is no valid {field}',
      fix: 'Correct that field as the EDF or BDF description gives it, or export the file again',
    },
    zh: {
      title: '{file} 第 {offset} 字节：“{value}”不是有效的 {field}',
      fix: '请按 EDF/BDF 规范更正该字段，或重新导出文件',
    },
  },
  'data.edf-no-signals': {
    status: 422,
    retry: false,
    en: { title: '{file} holds no signals', fix: 'Send the file with the signals; annotations alone are no recording' },
    zh: { title: '{file} 中没有信号', fix: '请提供含信号的文件；仅有标注不能构成记录' },
  },
  'data.edf-truncated': {
    status: 422,
    retry: false,
    en: {
      title: '{file} ends at byte {offset}; its header asks for {neededBytes} bytes',
      fix: 'Copy or export the file again; it is incomplete',
    },
    zh: {
      title: '{file} 在第 {offset} 字节处结束，而文件头要求 {neededBytes} 字节',
      fix: '文件不完整，请重新复制或导出',
    },
  },
  'data.edf-annotation': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, byte {offset}: the annotations of data record {record} cannot be read',
      fix: 'Export the file again; every record of an EDF+ file begins its annotations with its own time',
    },
    zh: {
      title: '{file} 第 {offset} 字节：无法读取第 {record} 个数据记录的标注',
      fix: '请重新导出文件；EDF+ 的每个数据记录须以自身时间作为第一条标注',
    },
  },
  'data.edf-record-order': {
    status: 422,
    retry: false,
    en: {
      title: '{file}: data record {record} begins at {onsetSeconds} s, before the one before it has ended',
      fix: 'Export the file again; data records follow each other in time without overlap',
    },
    zh: {
      title: '{file}：第 {record} 个数据记录始于 {onsetSeconds} 秒，早于前一记录的结束时间',
      fix: '请重新导出文件；各数据记录须按时间先后排列且不重叠',
    },
  },
})
