import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { openApiDocument } from "./openapi.ts";
import type { Route } from "./route.ts";
import { ROUTES } from "./routes.ts";

interface Operation {
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

// As it goes over the wire: what JSON drops is not there.
const document = JSON.parse(JSON.stringify(openApiDocument({ version: "1.2.3", url: "http://localhost:3000" }))) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method, path, ...operation })),
);

describe("openApiDocument", () => {
  it("is valid OpenAPI 3.1 to somebody else's validator", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate({ ...structuredClone(document) });
    expect(errors).toBeUndefined();
    expect([valid, validator.version]).toEqual([true, "3.1"]);
    const broken = { ...structuredClone(document), paths: { "no-slash": { get: { responses: 5 } } } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it("describes every route once, under its name, method and path", () => {
    const described = operations.map(({ operationId, method, path }) => `${operationId} ${method.toUpperCase()} ${path}`);
    const routes = (Object.entries(ROUTES) as [string, Route][]).map(
      ([name, { method, path }]) => `${name} ${method} ${path.replace(/:([a-z_]+)/g, "{$1}")}`,
    );
    expect(described.toSorted()).toEqual(routes.toSorted());
  });

  it("[R12] says of every operation which scope it needs", () => {
    for (const { operationId, security } of operations) {
      const { scope } = ROUTES[operationId as keyof typeof ROUTES];
      expect([operationId, security]).toEqual([operationId, scope === "open" ? [] : [{ bearer: [scope] }]]);
    }
  });

  it("lists path parameters, query parameters and the key of repeatable calls", () => {
    const find = (id: string) => operations.find(({ operationId }) => operationId === id);
    const names = (id: string) => find(id)?.parameters.map(({ name, in: where, required }) => `${where} ${name}${required ? "!" : ""}`);
    expect(names("planDiff")).toEqual(["path plan_id!", "path other!"]);
    expect(names("explainConfig")).toEqual(["query key!"]);
    expect(names("submit")).toEqual(["header Idempotency-Key"]);
    expect(names("exchangeTicket")).toEqual([]);
    expect(find("uploadArtifact")?.requestBody?.content).toHaveProperty("application/octet-stream");
    expect([find("cancelPlan")?.requestBody?.required, find("resolveTask")?.requestBody?.required]).toEqual([false, true]);
    for (const { responses } of operations) expect(responses).toHaveProperty("default");
  });
});
