import { isKosError } from "@kos/klp";
import { describe, expect, it } from "vitest";
import { createClient } from "./client.ts";

interface Sent {
  readonly url: string;
  readonly init: RequestInit & { readonly headers: Headers };
}

function clientOf(answer: (sent: Sent) => Response | Promise<Response>, token?: string) {
  const sent: Sent[] = [];
  const fetch = (async (url: string, init: Sent["init"]) => {
    sent.push({ url, init });
    return answer({ url, init });
  }) as unknown as typeof globalThis.fetch;
  return { sent, client: createClient({ baseUrl: "http://localhost:3000", fetch, ...(token !== undefined && { token }) }) };
}

const ok = () => Response.json({});

describe("createClient", () => {
  it("writes ids into the path so that none reaches another route", async () => {
    const { client, sent } = clientOf(ok);
    await client.call("task", { params: { plan_id: "../../node/stop?x=#", task_id: "a/b[1]" } });
    expect(sent[0]?.url).toBe("http://localhost:3000/agent/task/..%2F..%2Fnode%2Fstop%3Fx%3D%23/a%2Fb%5B1%5D");
  });

  it("leaves out what is undefined and refuses a path without its id", async () => {
    const { client, sent } = clientOf(ok);
    await client.call("plans", { query: { limit: 3, cursor: undefined, status: "running failed" } as never });
    expect(sent[0]?.url).toBe("http://localhost:3000/agent/plan?limit=3&status=running+failed");
    for (const plan_id of ["", ".", ".."])
      await expect(client.call("plan", { params: { plan_id } })).rejects.toMatchObject({ code: "BAD_REQUEST" });
    expect(sent).toHaveLength(1);
  });

  it("[R28] sends the token in its header only, follows no redirect with it, and sends none where there is none", async () => {
    const { client, sent } = clientOf(ok, "secret");
    await client.call("status", {});
    expect(sent[0]?.init.headers.get("authorization")).toBe("Bearer secret");
    expect(sent[0]?.init.redirect).toBe("error");
    expect(sent[0]?.url).not.toContain("secret");
    const anyone = clientOf(ok);
    await anyone.client.call("health", {});
    expect(anyone.sent[0]?.init.headers.has("authorization")).toBe(false);
  });

  it("throws the node's error with its code, details and addresses", async () => {
    const body = {
      type: "urn:kos:error:CONFLICT",
      status: 409,
      code: "CONFLICT",
      message: "No.",
      details: { a: 1 },
      retryable: false,
      plan_id: "p",
      trace_id: "t",
    };
    const { client } = clientOf(() => Response.json(body, { status: 409 }));
    const thrown = await client.call("status", {}).catch((error: unknown) => error);
    expect(isKosError(thrown, "CONFLICT")).toBe(true);
    expect(thrown).toMatchObject({ message: "No.", details: { a: 1 }, planId: "p", traceId: "t" });
  });

  it("says UNAVAILABLE where nobody answers, and INTERNAL where it is not our node", async () => {
    const away = clientOf(() => Promise.reject(new TypeError("fetch failed")));
    await expect(away.client.call("status", {})).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("http://localhost:3000"),
    });
    const stranger = clientOf(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
    await expect(stranger.client.call("status", {})).rejects.toMatchObject({ code: "INTERNAL" });
  });

  it("throws what the caller aborted with", async () => {
    const stop = new AbortController();
    const { client } = clientOf(() => {
      stop.abort(new Error("enough"));
      return Promise.reject(new Error("aborted"));
    });
    await expect(client.call("status", {}, { signal: stop.signal })).rejects.toThrow("enough");
  });
});
