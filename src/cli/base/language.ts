/** Language of this terminal: zh where its locale says so, as servers are told too. */
export const language: 'zh' | 'en' = languageOf(process.env)

export function languageOf(environment: Readonly<Record<string, string | undefined>>): 'zh' | 'en' {
  const { LC_ALL, LC_MESSAGES, LANG } = environment
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en'
}

/** The one of two texts that this terminal reads. */
export function words(en: string, zh: string): string {
  return language === 'zh' ? zh : en
}
