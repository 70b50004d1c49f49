import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Value from "typebox/value";
import { describe, expect, it } from "vitest";
import { configFiles } from "./config-files.ts";
import { ConfigSchema } from "./config-schema.ts";
import { configFileSchemas } from "./file-schema.ts";
import { loadConfig } from "./load-config.ts";
import { isObjectSchema, type SchemaNode, schemaNode } from "./schema-node.ts";

const folder = new URL("../../../config/", import.meta.url);

describe("the repository's config/", () => {
  it("[C10] holds exactly the schemas that the code derives", () => {
    const shipped = Object.fromEntries(
      readdirSync(new URL("schemas/", folder)).map((name) => [name, JSON.parse(readFileSync(new URL(`schemas/${name}`, folder), "utf8"))]),
    );
    expect(shipped, "run node platform/config/scripts/write-schemas.ts").toEqual(JSON.parse(JSON.stringify(configFileSchemas())));
  });

  it("[C10] ships files that load, fit their schemas and change no default", async () => {
    const dataDir = fileURLToPath(new URL("no-such-folder", folder));
    const { value } = await loadConfig({ shippedDir: fileURLToPath(folder), dataDir, env: {}, flags: {}, files: configFiles });
    expect(value).toEqual(Value.Create(ConfigSchema));
    const schemas = configFileSchemas();
    for (const name of ["system_config", "user_config"]) {
      const document: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
      expect(Value.Errors({ ...schemas[`${name}.schema.json`] }, document)).toEqual([]);
    }
  });

  it("[C10] has defaults that its own schema accepts, and a description of every key", () => {
    expect(Value.Errors(ConfigSchema, Value.Create(ConfigSchema))).toEqual([]);
    expect(undescribed(schemaNode(ConfigSchema), "")).toEqual([]);
  });
});

function undescribed(schema: SchemaNode, path: string): readonly string[] {
  const own = schema.description === undefined ? [path] : [];
  if (!isObjectSchema(schema)) return own;
  const children = { ...schema.properties, ...schema.patternProperties };
  return [...own, ...Object.entries(children).flatMap(([key, child]) => undescribed(child, `${path}.${key}`))];
}
