import { type ErrorCode, MillpondError } from '../base/errors.js';
import type { Path, Position, YamlDocument } from './document.js';

/** One thing that is wrong, and where. */
interface Problem {
  readonly code: ErrorCode;
  readonly path: Path;
  readonly position: Position;
  readonly text: string;
}

/** What is wrong with one configuration: everything at once, so that nobody corrects it line by line. */
export class Problems {
  private readonly found: Problem[] = [];

  /** @param file as the user named it. */
  constructor(
    private readonly file: string,
    private readonly document: Pick<YamlDocument, 'locate'>,
  ) {}

  /** Notes a problem with the value at `path`, or with its key. The text names no secret. */
  add(path: Path, text: string, options: { readonly code?: ErrorCode; readonly part?: 'key' | 'value' } = {}): void {
    const position = this.document.locate(path, options.part ?? 'value');
    this.found.push({ code: options.code ?? 'E_CONFIG', path, position, text });
  }

  /** Notes a problem of the text itself. */
  addAt(position: Position, text: string): void {
    this.found.push({ code: 'E_CONFIG', path: [], position, text });
  }

  /**
   * @throws MillpondError listing every problem in the order of the file, if there is one; its code
   *   is the one that all problems share, else `E_CONFIG`.
   */
  throwIfAny(): void {
    const sorted = this.found.toSorted(
      (a, b) => a.position.line - b.position.line || a.position.column - b.position.column,
    );
    const [first] = sorted;
    if (!first) return;
    const lines = sorted.map((problem) => this.format(problem));
    const message = lines.length === 1 ? lines[0]! : `${lines.length} problems:\n  ${lines.join('\n  ')}`;
    const code = sorted.every((problem) => problem.code === first.code) ? first.code : 'E_CONFIG';
    throw new MillpondError(code, message, { at: { file: this.file, ...first.position, problems: lines.length } });
  }

  private format({ path, position, text }: Problem): string {
    const where = path.length === 0 ? '' : ` ${formatPath(path)}:`;
    return `${this.file}:${position.line}:${position.column}:${where} ${text}`;
  }
}

/** `pipelines.ads_daily.datasets[2].columns` */
export function formatPath(path: Path): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`))
    .join('');
}
