/** Times in milliseconds. */
const patience = 5_000;
/** Everybody may ask, so the store is not asked each time. */
const goodFor = 1_000;

/** Tells whether a store can be searched; why not is nothing for everybody. */
export function createHealth(
  check: () => Promise<void>,
  now: () => number,
): () => Promise<boolean> {
  let last: { readonly at: number; readonly isHealthy: Promise<boolean> } | undefined;
  return async () => {
    const time = now();
    if (!last || Math.abs(time - last.at) >= goodFor) {
      last = { at: time, isHealthy: ask(check) };
    }
    return await last.isHealthy;
  };
}

async function ask(check: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patience);
  });
  const answer = check().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
