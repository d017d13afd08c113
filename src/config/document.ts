import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import { messageOf } from '../base/errors.js';

/** Keys and indexes from the root of the file to a value. */
export type Path = readonly PropertyKey[];

/** Line and column, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A YAML text as plain values that still know where they stood. */
export interface YamlDocument {
  /** Plain values: every integer a bigint, anchors and merge keys resolved. Undefined where `faults` has entries. */
  readonly value: unknown;
  /** What keeps the text from being YAML: syntax, tabs, duplicate keys, unknown anchors. */
  readonly faults: readonly { readonly message: string; readonly position: Position }[];
  /**
   * Where a value (or its key) stands. What came in by a merge key is found where it was written;
   * of what is not there, the nearest that is.
   */
  locate(path: Path, part: 'key' | 'value'): Position;
}

const START: Position = { line: 1, column: 1 };

/** Reads YAML 1.2 with merge keys (`<<`). Never throws: what is wrong stands in `faults`. */
export function readYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    merge: true,
    intAsBigInt: true,
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  });
  const at = (offset: number | undefined): Position => {
    if (offset === undefined) return START;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const faults = [...document.errors, ...document.warnings].map((fault) => ({
    message: describeFault(fault.code, fault.message),
    position: at(fault.pos[0]),
  }));

  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return;
      faults.push({ message: `there is no anchor &${alias.source} above`, position: at(alias.range?.[0]) });
    },
  });

  const follow = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const locate = (path: Path, part: 'key' | 'value'): Position => {
    let node = follow(document.contents);
    let found: Position = at(document.contents?.range?.[0]);
    for (const [depth, step] of path.entries()) {
      const last = depth === path.length - 1;
      let key: unknown;
      let value: unknown;
      if (isMap(node)) {
        const pair = findPair(node.items, String(step), follow);
        if (!pair) return found;
        ({ key, value } = pair);
      } else {
        value = isSeq(node) ? node.items[Number(step)] : undefined;
        if (value === undefined) return found;
      }
      found = at(offsetOf(last && part === 'key' ? (key ?? value) : value) ?? offsetOf(key));
      node = follow(value);
    }
    return found;
  };

  let value: unknown;
  if (faults.length === 0) {
    try {
      value = document.toJS();
    } catch (error) {
      faults.push({ message: messageOf(error), position: START });
    }
  }
  return { value, faults, locate };
}

/** The pair with this key: a map's own, else that of the maps merged into it. */
function findPair(items: readonly Pair[], key: string, follow: (node: unknown) => unknown): Pair | undefined {
  const own = items.find((pair) => keyText(pair) === key);
  if (own) return own;
  for (const merge of items.filter((pair) => keyText(pair) === '<<')) {
    const source = follow(merge.value);
    for (const one of isSeq(source) ? source.items : [source]) {
      const map = follow(one);
      const pair = isMap(map) ? findPair(map.items, key, follow) : undefined;
      if (pair) return pair;
    }
  }
  return undefined;
}

function keyText(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

/** The parser's words, made plainer where people often meet them. */
function describeFault(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands twice in one mapping; remove one of them';
  if (code === 'TAB_AS_INDENT') return 'a tab stands where the line is indented; use spaces';
  if (code === 'MULTIPLE_DOCS') return 'the file holds more than one YAML document (`---`); keep one';
  return message;
}
