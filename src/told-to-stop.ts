/** Resolves with the name of the signal that asks this process to end, SIGTERM or SIGINT. A second one ends it at once. */
export const toldToStop = (): Promise<string> =>
  new Promise((resolve) => {
    let times = 0;
    const onSignal = (name: string) => {
      times += 1;
      if (times > 1) process.exit(1);
      resolve(name);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
