import { catalogue } from '../../../kernel/index.ts'

export const problem = catalogue({
  'data.wfdb-header-missing': {
    status: 422,
    retry: false,
    en: { title: 'There is no header file {file}', fix: 'Send the .hea file together with its signal files' },
    zh: { title: '缺少头文件 {file}', fix: '请把 .hea 文件与信号文件一起提供' },
  },
  'data.wfdb-header-empty': {
    status: 422,
    retry: false,
    en: { title: '{file} holds no record line', fix: 'Export the record again; the header is empty or cut' },
    zh: { title: '{file} 中没有记录行', fix: '头文件为空或被截断，请重新导出该记录' },
  },
  'data.wfdb-header-field': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, line {line}: "{value}" is no valid {field}',
      fix: 'Correct that field as header(5) of the WFDB format describes it',
    },
    zh: { title: '{file} 第 {line} 行：“{value}”不是有效的 {field}', fix: '请按 WFDB header(5) 的说明更正该字段' },
  },
  'data.wfdb-header-lines': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, line {line}: {expected} lines for signals or segments were announced, {found} are there',
      fix: 'Export the record again; the header is cut or was edited by hand',
    },
    zh: {
      title: '{file} 第 {line} 行：声明有 {expected} 行信号或片段，实际为 {found} 行',
      fix: '头文件被截断或经手工改动，请重新导出该记录',
    },
  },
  'data.wfdb-unsafe-path': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, line {line}: the name "{name}" leads out of the folder of the record',
      fix: 'Put the named file beside the header and name it without "/", ".." or a drive',
    },
    zh: {
      title: '{file} 第 {line} 行：名称“{name}”指向记录文件夹之外',
      fix: '请把该文件放在头文件旁边，名称中不要含开头的“/”、“..”或盘符',
    },
  },
  'data.wfdb-format': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, line {line}: signals in format {format} cannot be read',
      fix: 'Convert the record to one of the formats {known}',
    },
    zh: { title: '{file} 第 {line} 行：无法读取格式 {format} 的信号', fix: '请将记录转换为以下格式之一：{known}' },
  },
  'data.wfdb-group': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, line {line}: the signals of {name} do not follow each other with one format and one offset',
      fix: 'Put the lines of one signal file together, with the same format and byte offset',
    },
    zh: {
      title: '{file} 第 {line} 行：{name} 中的各信号未连续排列，或格式、偏移不一致',
      fix: '同一信号文件的各行须连续，且格式与字节偏移相同',
    },
  },
  'data.wfdb-file-missing': {
    status: 422,
    retry: false,
    en: {
      title: '{header}, line {line}: there is no file {file}',
      fix: 'Send every file that the header names, under its own name',
    },
    zh: { title: '{header} 第 {line} 行：缺少文件 {file}', fix: '请提供头文件中列出的全部文件，并保持原名' },
  },
  'data.wfdb-truncated': {
    status: 422,
    retry: false,
    en: {
      title: '{file} ends at byte {offset}; its header asks for {neededBytes} bytes',
      fix: 'Copy or export the file again; it is incomplete',
    },
    zh: {
      title: '{file} 在第 {offset} 字节处结束，而头文件要求 {neededBytes} 字节',
      fix: '文件不完整，请重新复制或导出',
    },
  },
  'data.wfdb-checksum': {
    status: 422,
    retry: false,
    en: {
      title: '{file}: the samples of lead {lead} sum to {found}, the header says {expected}',
      fix: 'The samples were altered or damaged: take the file from its origin again',
    },
    zh: {
      title: '{file}：导联 {lead} 的采样校验和为 {found}，头文件记为 {expected}',
      fix: '采样数据被改动或损坏，请从来源处重新获取该文件',
    },
  },
  'data.wfdb-first-value': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, byte {offset}: lead {lead} begins with {found}, the header says {expected}',
      fix: 'Header and signal file do not belong together: take both from their origin again',
    },
    zh: {
      title: '{file} 第 {offset} 字节：导联 {lead} 的首个采样为 {found}，头文件记为 {expected}',
      fix: '头文件与信号文件不匹配，请从来源处重新获取两者',
    },
  },
  'data.wfdb-segment': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, line {line}: segment {segment} does not fit its record in {field}',
      fix: 'All segments share sampling frequency and signals, and their lengths add up to that of the record',
    },
    zh: {
      title: '{file} 第 {line} 行：片段 {segment} 的 {field} 与记录不一致',
      fix: '各片段的采样率与信号须一致，且长度之和等于记录长度',
    },
  },
  'data.wfdb-annotation-cut': {
    status: 422,
    retry: false,
    en: {
      title: '{file} ends at byte {offset} without the mark that closes an annotation file',
      fix: 'Copy or export the annotation file again; it is cut, or not in the MIT format',
    },
    zh: {
      title: '{file} 在第 {offset} 字节处结束，缺少标注文件的结束标记',
      fix: '标注文件被截断或不是 MIT 格式，请重新复制或导出',
    },
  },
  'data.wfdb-annotation-tail': {
    status: 422,
    retry: false,
    en: {
      title: '{file} goes on at byte {offset}, after the mark that closes an annotation file',
      fix: 'Export the annotation file again; it is damaged, or not in the MIT format',
    },
    zh: {
      title: '{file} 在结束标记之后的第 {offset} 字节处仍有内容',
      fix: '标注文件损坏或不是 MIT 格式，请重新导出',
    },
  },
  'data.wfdb-cannot-write': {
    status: 422,
    retry: false,
    en: {
      title: 'A WFDB record cannot hold {field} "{value}"',
      fix: 'Change it first, or write samples in format 16 where 212 is too narrow',
    },
    zh: { title: 'WFDB 记录无法保存 {field}“{value}”', fix: '请先修改该值；若格式 212 位数不足，请改用格式 16' },
  },
})
