/** Texts as advertisers write them: everything that breaks a careless reader stands in a name. */

/** One text, raw and as the JSON that carries it (without the quotes around). */
export interface Phrase {
  readonly raw: string;
  readonly json: string;
}

const phrase = (raw: string): Phrase => ({ raw, json: JSON.stringify(raw).slice(1, -1) });

/** The same text with every character beyond ASCII, and every slash, written as an escape. */
const escaped = (raw: string): Phrase => ({
  raw,
  json: JSON.stringify(raw)
    .slice(1, -1)
    .replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/\//g, '\\/'),
});

/** Beginnings of names of campaigns, ad groups and the like. */
export const NAMES: readonly Phrase[] = [
  phrase('Brand | Exact'),
  phrase('He said "buy now"'),
  phrase('C:\\ads\\q4'),
  phrase('Line one\nline two'),
  phrase('折りたたみ傘 日傘'),
  phrase('Launch 🚀🧴'),
  phrase('Sneaky },{"campaignId":1,"name":"'),
  phrase('} , {'),
  escaped('Café / Crème 💄'),
  phrase("O'Neil; DROP TABLE campaigns; --"),
  phrase('Tab\there, CR\r\nLF'),
  phrase('[]{}":,\\"'),
  phrase('  spaces around  '),
  phrase('नमस्ते דוגמה مثال'),
  phrase('null'),
  phrase('2026-11-01'),
  phrase('Größe 42 – “quoted”'),
  phrase('👩‍👩‍👧‍👦 family & friends <b>'),
];

/** What shoppers searched for, and keywords. */
export const QUERIES: readonly Phrase[] = [
  phrase('wireless earbuds'),
  phrase('usb c cable 6"'),
  phrase('wasserkocher edelstahl'),
  phrase('折りたたみ傘'),
  phrase('b0897kjh12'),
  escaped('crème brûlée torch'),
  phrase('100% cotton t-shirt \\ men'),
  phrase('cadeau noël 🎁'),
  phrase('(null)'),
  phrase('shoes, size 42'),
];

/** `phrase` made unique by a number. */
export function numbered(phrases: readonly Phrase[], hash: number, number: number): Phrase {
  const base = phrases[hash % phrases.length] as Phrase;
  return { raw: `${base.raw} ${number}`, json: `${base.json} ${number}` };
}
