/** Of what content files are, whatever their order: equal texts, equal contents. */
export function contentOf(files: readonly { readonly contentSha256: string }[]): string {
  return files
    .map(({ contentSha256 }) => contentSha256)
    .sort()
    .join();
}
