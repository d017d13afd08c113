/** How a file's JSON is laid out: what stands between its parts. */
export interface Layout {
  readonly open: string;
  readonly betweenRecords: string;
  readonly close: string;
  readonly openRecord: string;
  readonly betweenMembers: string;
  readonly afterKey: string;
  readonly closeRecord: string;
  readonly empty: string;
}

/** Report files of Sponsored Products and Brands: pretty-printed as Jackson does it. */
export const JACKSON: Layout = {
  open: '[ ',
  betweenRecords: ', ',
  close: ' ]',
  openRecord: '{\n  ',
  betweenMembers: ',\n  ',
  afterKey: ' : ',
  closeRecord: '\n}',
  empty: '[]',
};

/** Report files of Sponsored Display: pretty-printed another way. */
export const INDENTED: Layout = {
  open: '[\n  ',
  betweenRecords: ',\n  ',
  close: '\n]\n',
  openRecord: '{\n    ',
  betweenMembers: ',\n    ',
  afterKey: ': ',
  closeRecord: '\n  }',
  empty: '[]',
};

/** Snapshot files. */
export const MINIFIED: Layout = {
  open: '[',
  betweenRecords: ',',
  close: ']',
  openRecord: '{',
  betweenMembers: ',',
  afterKey: ':',
  closeRecord: '}',
  empty: '[]',
};
