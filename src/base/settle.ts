/** Waits for every one of them to end. @throws what the first in their order threw that failed. */
export async function settleAll<T>(work: readonly (T | Promise<T>)[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
