/**
 * Whether a question is answered by yes. @param ask gives the line that is typed, empty where there is none
 * @throws Interrupted
 */
export async function confirmed(
  question: string,
  ask: (question: string) => Promise<string>,
  signal: AbortSignal,
): Promise<boolean> {
  const interrupted = new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve(''), { once: true });
  });
  const answer = await Promise.race([ask(question), interrupted]);
  signal.throwIfAborted();
  return /^y(?:es)?$/iu.test(answer.trim());
}
