/** What the command-line parser says about a wrong call, and the same in Chinese. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [/^error: unknown command '(.*)'/, '错误：没有命令 $1'],
  [/^error: unknown option '(.*)'/, '错误：没有选项 $1'],
  [/^error: missing required argument '(.*)'/, '错误：缺少参数 $1'],
  [/^error: option '(.*)' argument missing/, '错误：选项 $1 缺少值'],
  [/^error: required option '(.*)' not specified/, '错误：必须给出选项 $1'],
  [/^error: too many arguments.*/, '错误：参数过多'],
  [/^error: option '(.*)' argument '(.*)' is invalid\./, '错误：选项 $1 的值 $2 无效。'],
  [/^error: command-argument value '(.*)' is invalid for argument '(.*)'\./, '错误：参数 $2 的值 $1 无效。'],
  [/\(Did you mean one of (.*)\?\)/, '（是否想写 $1？）'],
  [/\(Did you mean (.*)\?\)/, '（是否想写 $1？）'],
]

export function localised(text: string, language: 'en' | 'zh'): string {
  if (language === 'en') return text
  return phrases.reduce((said, [pattern, zh]) => said.replace(pattern, zh), text)
}
