// The typed client of a signed-in person: a token that the node does not know any more ends the session here, wherever that is noticed.

import { type Client, type ClientOptions, createClient } from "@kos/api";
import { isKosError } from "@kos/klp";

export function guardedClient(options: ClientOptions, onUnauthorized: () => void): Client {
  const client = createClient(options);
  async function guarded<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      if (isKosError(error, "UNAUTHORIZED")) onUnauthorized();
      throw error;
    }
  }
  return {
    baseUrl: client.baseUrl,
    call: (name, input, call) => guarded(client.call(name, input, call)),
    open: (name, input, call) => guarded(client.open(name, input, call)),
    upload: (name, content, mediaType, call) => guarded(client.upload(name, content, mediaType, call)),
  };
}
