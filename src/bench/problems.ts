/** Refusals of `evaluate`. The second word says who must act: call (exit 2), data (exit 3), model (exit 4). */
import { catalogue } from '../kernel/index.ts'

export const problem = catalogue({
  'bench.call-task-needed': {
    status: 422,
    retry: false,
    en: { title: 'The folder holds several tasks: {tasks}', fix: 'Name one with --task' },
    zh: { title: '该文件夹包含多个任务：{tasks}', fix: '请用 --task 指定其中一个' },
  },
  'bench.call-task-unknown': {
    status: 422,
    retry: false,
    en: { title: 'The manifest has no task "{task}"', fix: 'The nearest is "{nearest}"; all of them: {tasks}' },
    zh: { title: '清单中没有任务“{task}”', fix: '最接近的是“{nearest}”；全部任务：{tasks}' },
  },
  'bench.call-split-unknown': {
    status: 422,
    retry: false,
    en: { title: 'No row belongs to the split "{split}"', fix: 'Choose one of: {splits}' },
    zh: { title: '没有任何行属于划分“{split}”', fix: '请选择其中之一：{splits}' },
  },
  'bench.call-gate': {
    status: 422,
    retry: false,
    en: {
      title: 'The gate "{gate}" cannot be read',
      fix: 'Write metric>=number, or metric<=number where lower is better, such as "qrs_f1_gross>=0.99"; "groups>=14" after it lowers the fewest groups from 30',
    },
    zh: {
      title: '无法识别门槛“{gate}”',
      fix: '请写成 指标>=数值（数值越小越好的指标用 <=），例如 "qrs_f1_gross>=0.99"；其后加 "groups>=14" 可把最少组数从 30 降低',
    },
  },
  'bench.call-gate-metric': {
    status: 422,
    retry: false,
    en: { title: 'The task reports no metric "{metric}"', fix: 'The nearest is "{nearest}"' },
    zh: { title: '该任务没有指标“{metric}”', fix: '最接近的是“{nearest}”' },
  },
  'bench.call-gate-direction': {
    status: 422,
    retry: false,
    en: {
      title: 'The gate "{gate}" points the wrong way: of {metric} the {direction} value is better',
      fix: 'Use {sign}',
    },
    zh: { title: '门槛“{gate}”方向相反：{metric} 以 {direction} 为好', fix: '请使用 {sign}' },
  },
  'bench.call-model-unknown': {
    status: 422,
    retry: false,
    en: {
      title: 'There is no model "{model}"',
      fix: 'Give the name of a folder in weights/ ({known}), or the path of such a folder',
    },
    zh: { title: '没有模型“{model}”', fix: '请给出 weights/ 下的文件夹名（{known}），或该类文件夹的路径' },
  },
  'bench.data-file-missing': {
    status: 422,
    retry: false,
    en: { title: '{file} is not there', fix: 'Put the file at this path below the folder, or correct {field}' },
    zh: { title: '找不到 {file}', fix: '请把文件放在文件夹下的该路径，或更正 {field}' },
  },
  'bench.data-file-unreadable': {
    status: 422,
    retry: false,
    en: { title: '{file} cannot be read: {detail}', fix: 'Check its permissions and that it is a whole, plain file' },
    zh: { title: '无法读取 {file}：{detail}', fix: '请检查其权限，并确认它是完整的普通文件' },
  },
  'bench.data-file-kind': {
    status: 422,
    retry: false,
    en: {
      title: '{file}: rows are not read from files of this kind',
      fix: 'Give a table: .jsonl, .csv, or either with .gz',
    },
    zh: { title: '{file}：不能从此类文件读取行', fix: '请提供表格：.jsonl、.csv，或其 .gz 压缩' },
  },
  'bench.data-path': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, line {line}, {field}: the path "{path}" leads out of the folder',
      fix: 'Write a relative path with "/" and without ".."',
    },
    zh: {
      title: '{file} 第 {line} 行 {field}：路径“{path}”指向文件夹之外',
      fix: '请使用以“/”分隔、不含“..”的相对路径',
    },
  },
  'bench.data-manifest-missing': {
    status: 422,
    retry: false,
    en: {
      title: 'The folder has no {file}',
      fix: 'Write one as the documentation of evaluate shows, or name it with --manifest',
    },
    zh: { title: '文件夹中没有 {file}', fix: '请按 evaluate 的文档编写，或用 --manifest 指定' },
  },
  'bench.data-json': {
    status: 422,
    retry: false,
    en: { title: '{file}, line {line}: this is not JSON ({detail})', fix: 'Correct the line' },
    zh: { title: '{file} 第 {line} 行：不是有效的 JSON（{detail}）', fix: '请更正该行' },
  },
  'bench.data-manifest-unknown': {
    status: 422,
    retry: false,
    en: { title: '{file}, line {line}: unknown field {field}', fix: 'Did you mean "{nearest}"?' },
    zh: { title: '{file} 第 {line} 行：未知字段 {field}', fix: '您是否想写“{nearest}”？' },
  },
  'bench.data-manifest-field': {
    status: 422,
    retry: false,
    en: { title: '{file}, line {line}, {field}: {detail}', fix: 'Correct the field' },
    zh: { title: '{file} 第 {line} 行 {field}：{detail}', fix: '请更正该字段' },
  },
  'bench.data-manifest-value': {
    status: 422,
    retry: false,
    en: { title: '{file}, line {line}, {field}: "{value}" is not known', fix: 'The nearest is "{nearest}"' },
    zh: { title: '{file} 第 {line} 行 {field}：未知的值“{value}”', fix: '最接近的是“{nearest}”' },
  },
  'bench.data-csv': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, line {line}, {field}: {detail}',
      fix: 'Write the table as RFC 4180 says: a header, quotes doubled inside quotes',
    },
    zh: {
      title: '{file} 第 {line} 行 {field}：{detail}',
      fix: '请按 RFC 4180 书写表格：首行为表头，引号内的引号须双写',
    },
  },
  'bench.data-encoding': {
    status: 422,
    retry: false,
    en: { title: '{file}, line {line}: this is not UTF-8', fix: 'Save the file as UTF-8' },
    zh: { title: '{file} 第 {line} 行：不是 UTF-8 编码', fix: '请以 UTF-8 保存该文件' },
  },
  'bench.data-column': {
    status: 422,
    retry: false,
    en: { title: '{file}, line {line}, {field}: there is no column "{column}"', fix: 'The nearest is "{nearest}"' },
    zh: { title: '{file} 第 {line} 行 {field}：没有列“{column}”', fix: '最接近的是“{nearest}”' },
  },
  'bench.data-cell': {
    status: 422,
    retry: false,
    en: { title: '{file}, line {line}, {field}: "{value}" is not {expected}', fix: 'Correct the cell' },
    zh: { title: '{file} 第 {line} 行 {field}：“{value}”不是所要求的值（{expected}）', fix: '请更正该单元格' },
  },
  'bench.data-repeated': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, line {line}, {field}: the id "{id}" stands there a second time',
      fix: 'Give each item an id of its own, or leave columns.id out to number the rows',
    },
    zh: {
      title: '{file} 第 {line} 行 {field}：编号“{id}”重复出现',
      fix: '请为每个条目设置唯一编号，或省略 columns.id 以行号代替',
    },
  },
  'bench.data-prediction': {
    status: 422,
    retry: false,
    en: {
      title: '{file}, line {line}, {field}: {detail}',
      fix: 'Write one JSON object a line with the id of an item of this split and its prediction',
    },
    zh: {
      title: '{file} 第 {line} 行 {field}：{detail}',
      fix: '每行一个 JSON 对象，包含该划分中某条目的 id 及其 prediction',
    },
  },
  'bench.model-task': {
    status: 422,
    retry: false,
    en: { title: 'The model {model} cannot take a task of the kind {task}', fix: 'It takes: {known}' },
    zh: { title: '模型 {model} 不能处理 {task} 类任务', fix: '它支持：{known}' },
  },
  'bench.model-crash': {
    status: 500,
    retry: false,
    en: {
      title: 'The model {model} gave no answer on any of {rows} rows, and broke off with: {detail}',
      fix: 'Check that its files belong together and to this version of the program',
    },
    zh: {
      title: '模型 {model} 在全部 {rows} 行上均无答案，并中途出错：{detail}',
      fix: '请检查模型文件是否配套，并与本程序版本相符',
    },
  },
  'bench.model-broken': {
    status: 422,
    retry: false,
    en: {
      title: 'The model {model} cannot be opened: {detail}',
      fix: 'Its files must belong together and to this version of the program: take the folder from its release again',
    },
    zh: {
      title: '无法打开模型 {model}：{detail}',
      fix: '其文件须相互配套并与本程序版本相符：请从发布包重新获取该文件夹',
    },
  },
  'bench.model-kind': {
    status: 422,
    retry: false,
    en: {
      title: 'The folder {model} holds no model that can be run here',
      fix: 'It needs a manifest.json whose "model" is one of: {known}',
    },
    zh: { title: '文件夹 {model} 中没有可在此运行的模型', fix: '其 manifest.json 的“model”须为以下之一：{known}' },
  },
  'bench.model-scorer': {
    status: 422,
    retry: false,
    en: { title: 'Tasks of the kind {task} cannot be scored here yet', fix: 'These can: {known}' },
    zh: { title: '目前还不能对 {task} 类任务评分', fix: '可评分的任务：{known}' },
  },
  'bench.sample-refused': {
    status: 422,
    retry: false,
    en: { title: 'The model refused {sample}: {code}', fix: 'See docs/problems.md for what the code means' },
    zh: { title: '模型拒绝了 {sample}：{code}', fix: '代码含义见 docs/problems.md' },
  },
  'bench.sample-failed': {
    status: 500,
    retry: false,
    en: {
      title: 'The model broke on {sample} as often as it was tried',
      fix: 'Look at the log of the base, mend it and plan the evaluation again',
    },
    zh: { title: '模型在 {sample} 上多次出错', fix: '请查看系统日志，修复后重新计划评测' },
  },
  'bench.evaluation-state': {
    status: 409,
    retry: false,
    en: {
      title: 'An evaluation that is {state} cannot {wish}',
      fix: 'Only a running one pauses, and only a paused one resumes',
    },
    zh: { title: '状态为 {state} 的评测不能执行 {wish}', fix: '只有运行中的评测可暂停，只有已暂停的可恢复' },
  },
})
