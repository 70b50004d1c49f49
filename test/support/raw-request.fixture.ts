// A plain HTTP request with any header, those too that `fetch` forbids, and without a token that nobody gave it.

import { request } from "node:http";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface RawRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Default GET. */
  readonly method?: string;
  readonly body?: string | undefined;
}

/** The path goes out as it is written. A connection that was upgraded is ended and counts as an answer without a body. */
export function rawRequest(origin: string, path: string, { headers = {}, method = "GET", body }: RawRequest = {}): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const { hostname, port } = new URL(origin);
  const sent = request({ hostname, port, path, method, headers }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
  });
  sent.once("upgrade", (response, socket) => {
    socket.destroy();
    resolve({ status: response.statusCode ?? 0, headers: response.headers, body: "" });
  });
  sent.once("error", reject);
  sent.end(body);
  return promise;
}
