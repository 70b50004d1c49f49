// What happens to a run from several sides (frames, time, the person), in one line to be taken one by one.

export interface Inbox<Message> {
  put(message: Message): void;
  take(): Promise<Message>;
}

export function createInbox<Message>(): Inbox<Message> {
  const waiting: Message[] = [];
  let taker: ((message: Message) => void) | undefined;
  return {
    put(message) {
      if (taker === undefined) waiting.push(message);
      else {
        const take = taker;
        taker = undefined;
        take(message);
      }
    },
    take() {
      const message = waiting.shift();
      if (message !== undefined) return Promise.resolve(message);
      return new Promise((resolve) => {
        taker = resolve;
      });
    },
  };
}
